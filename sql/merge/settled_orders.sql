-- The orders of an account that are not asked for again: they are final, or
-- older than refresh_open.
SELECT o.order_id, coalesce(o.link_ref, '')
FROM main.orders o
WHERE o.source = {{lit .Source}} AND o.account = {{lit .Account}}
  AND (({{.Final}}) OR o.created_at < {{instant .OpenSince}});
