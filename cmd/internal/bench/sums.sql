-- The orders and the money of each source, to be compared with what the
-- simulated vendors hold.
SELECT source, count(*) AS orders, sum(net_amount) AS amount FROM orders GROUP BY source ORDER BY source
