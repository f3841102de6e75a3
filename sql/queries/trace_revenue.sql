-- The row of the report revenue that an order adds to, if it does: the rule of
-- sql/reports/revenue.sql, with which a test compares it order by order.
SELECT business_date, source, account, coalesce(store_name, store_id) AS store, channel, status,
    standing, currency
FROM main.classified_orders
WHERE source = $1 AND account = $2 AND order_id = $3
    AND flow = 'revenue' AND standing <> 'deleted' AND business_date IS NOT NULL
