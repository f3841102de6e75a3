-- The rows of one order in one table. A template: the table is one of the
-- dictionary's.
SELECT * FROM {{.}} WHERE source = $1 AND account = $2 AND order_id = $3 ORDER BY ALL
