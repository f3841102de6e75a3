-- What guests ordered to the room is stated by the room's own system, what
-- they consumed is billed by the PMS: two views of the same money, side by
-- side, never added up. An order in another currency than the bill's has a row
-- of its own, in which nothing is billed.
CREATE OR REPLACE VIEW main.room_service_per_stay AS
WITH stay AS (
    SELECT s.*
    FROM main.stays s
    JOIN main.orders h ON h.source = s.source AND h.account = s.account AND h.order_id = s.order_id
    -- Only a PMS bills consumption.
    WHERE h.deleted_at IS NULL AND s.consumption_amount IS NOT NULL
),
side AS (
    SELECT source, account, order_id, stay_id, currency, consumption_amount, NULL::DECIMAL(18,4) AS ordered, NULL::BOOLEAN AS is_canceled
    FROM stay
    UNION ALL
    SELECT l.right_source, l.right_account, l.right_order_id, l.right_stay_id, o.currency, NULL, o.net_amount,
        o.standing <> 'live'
    FROM recon.links l
    JOIN main.classified_orders o ON o.source = l.source AND o.account = l.account AND o.order_id = l.order_id
    WHERE l.rule = 'room_order' AND o.standing <> 'deleted' AND o.kind IN ('room_service', 'commodity')
)
SELECT
    s.source,
    s.account,
    s.order_id,
    s.stay_id,
    s.room_no,
    s.status,
    s.arrival_date,
    s.departure_date,
    x.currency,
    count(*) FILTER (NOT x.is_canceled) AS orders,
    count(*) FILTER (x.is_canceled) AS canceled_orders,
    coalesce(sum(x.ordered) FILTER (NOT x.is_canceled), 0) AS ordered_amount,
    sum(x.consumption_amount) AS consumption_amount
FROM stay s
JOIN side x ON x.source = s.source AND x.account = s.account AND x.order_id = s.order_id AND x.stay_id = s.stay_id
GROUP BY s.source, s.account, s.order_id, s.stay_id, s.room_no, s.status, s.arrival_date, s.departure_date, x.currency;
