-- Every state in which an order was known, the first first.
SELECT * FROM audit.order_versions WHERE source = $1 AND account = $2 AND order_id = $3 ORDER BY version_no
