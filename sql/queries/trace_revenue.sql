-- The row of the report revenue that an order adds to, if it does: the rule of
-- sql/reports/revenue.sql, with which a test compares it order by order.
SELECT business_date, source, account, coalesce(store_name, store_id) AS store, channel, status,
    CASE WHEN status = 'refunded' OR refund_status = 'refunded' THEN 'refunded' ELSE 'none' END AS refunded, currency
FROM main.orders
WHERE source = $1 AND account = $2 AND order_id = $3
    AND flow = 'revenue' AND deleted_at IS NULL AND business_date IS NOT NULL
