-- The money of the orders that have no business date, by flow and currency.
SELECT flow, currency, sum(coalesce(net_amount, paid_amount, gross_amount))::VARCHAR AS amount
FROM main.orders
WHERE business_date IS NULL AND deleted_at IS NULL AND coalesce(net_amount, paid_amount, gross_amount) IS NOT NULL
GROUP BY ALL
ORDER BY flow, currency
