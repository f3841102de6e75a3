-- How many orders of an account of source $1, under one of its names $2, the
-- database "restated" lacks.
SELECT count(*) FROM main.orders o
WHERE o.source = $1 AND list_contains($2::VARCHAR[], o.account)
    AND o.order_id NOT IN (SELECT order_id FROM restated.main.orders WHERE source = getvariable('source') AND account = getvariable('account'))
