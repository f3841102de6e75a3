-- An order whose time of creation cannot be read is dated by the earlier of the
-- times that its detail states (docs/mapping.md). A list that answers without
-- the detail finds those times in the warehouse.
UPDATE cand_orders SET
    created_at = d.first_at,
    booked_date = d.first_date,
    business_date = d.first_date
FROM (
    SELECT o.order_id, least(o.finished_at, o.canceled_at) AS first_at, audit.business_date(first_at, a.timezone, a.business_day_start) AS first_date
    FROM cand_orders o
    JOIN audit.accounts a ON a.source = o.source AND a.account = o.account
    WHERE o.created_at IS NULL AND first_at IS NOT NULL
) d
WHERE d.order_id = cand_orders.order_id;
