-- How many orders of each window came in an older version than stands.
SELECT window_no, count(DISTINCT order_id) FROM older_orders GROUP BY window_no
