-- The orders that are missing at the vendor and not taken as deleted yet: gone, first
-- missed tonight or a moment before, and of a window that lacks too many at
-- once. $1 and $2 are where such windows begin and end, as text; '' is no bound.
CREATE OR REPLACE TEMP TABLE absent_orders AS
SELECT DISTINCT g.order_id
FROM gone_orders g
JOIN main.orders o ON o.source = getvariable('source') AND o.account = getvariable('account') AND o.order_id = g.order_id
JOIN (
    SELECT nullif(s, '')::TIMESTAMPTZ AS window_start, nullif(e, '')::TIMESTAMPTZ AS window_end
    FROM (SELECT unnest($1::VARCHAR[]) AS s, unnest($2::VARCHAR[]) AS e)
) w ON (w.window_start IS NULL OR o.created_at >= w.window_start) AND (w.window_end IS NULL OR o.created_at < w.window_end)
WHERE NOT EXISTS (
    SELECT 1 FROM audit.absences a
    WHERE a.source = o.source AND a.account = o.account AND a.order_id = o.order_id
      AND a.absent_since <= getvariable('run_at') - INTERVAL 12 HOURS)
