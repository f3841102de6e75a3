-- The room of an order is the room of its accommodation; an order with
-- several has none of its own (docs/mapping.md, orders).
UPDATE cand_orders SET room_no = (
    SELECT CASE WHEN count(*) = 1 THEN max(s.room_no) END
    FROM cand_stays s
    WHERE s.order_id = cand_orders.order_id);

-- An order whose time of creation cannot be read was booked when the first of
-- its accommodations was (docs/mapping.md).
UPDATE cand_orders SET
    created_at = d.first_at,
    booked_date = d.first_date
FROM (
    SELECT o.order_id, b.first_at, audit.business_date(b.first_at, a.timezone, a.business_day_start) AS first_date
    FROM cand_orders o
    JOIN audit.accounts a ON a.source = o.source AND a.account = o.account
    JOIN (SELECT order_id, min(created_at) AS first_at FROM cand_stays GROUP BY order_id) b ON b.order_id = o.order_id
    WHERE o.created_at IS NULL AND b.first_at IS NOT NULL
) d
WHERE d.order_id = cand_orders.order_id;
