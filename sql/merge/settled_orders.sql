-- The orders of an account that are final: not asked for again.
SELECT o.order_id, coalesce(o.link_ref, '')
FROM main.orders o
WHERE o.source = {{lit .Source}} AND o.account = {{lit .Account}} AND {{.Final}};
