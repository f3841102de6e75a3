-- The orders of the temporary table scope, in order.
SELECT DISTINCT source, account, order_id FROM scope WHERE order_id IS NOT NULL ORDER BY ALL
