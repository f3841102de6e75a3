-- How many living orders are known that were created in a window from $1 to $2,
-- how many of them are gone, and how many of those no earlier night has missed:
-- none of half a day ago or more, for the same night twice tells nothing new.
SELECT count(*), count(g.order_id), count(g.order_id) FILTER (a.order_id IS NULL)
FROM main.orders o
LEFT JOIN gone_orders g USING (order_id)
LEFT JOIN (
    SELECT order_id FROM audit.absences
    WHERE source = getvariable('source') AND account = getvariable('account')
      AND absent_since <= getvariable('run_at') - INTERVAL 12 HOURS
) a USING (order_id)
WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND o.deleted_at IS NULL
  AND ($1::TIMESTAMPTZ IS NULL OR o.created_at >= $1::TIMESTAMPTZ) AND ($2::TIMESTAMPTZ IS NULL OR o.created_at < $2::TIMESTAMPTZ)
