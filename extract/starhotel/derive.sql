-- The room of an order is the room of its accommodation; an order with
-- several has none of its own (docs/mapping.md, orders).
UPDATE cand_orders SET room_no = (
    SELECT CASE WHEN count(*) = 1 THEN max(s.room_no) END
    FROM cand_stays s
    WHERE s.order_id = cand_orders.order_id);
