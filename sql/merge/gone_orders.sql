-- The orders that are gone at the vendor: created within a window that was
-- proven to hold every order, and not in it. Of an order whose own time of
-- creation cannot be read, nobody knows in which window it belongs. $1 and $2 are where the windows
-- begin and end, as text; '' is no bound.
CREATE OR REPLACE TEMP TABLE gone_orders AS
SELECT DISTINCT o.order_id
FROM main.orders o
JOIN (
    SELECT nullif(s, '')::TIMESTAMPTZ AS window_start, nullif(e, '')::TIMESTAMPTZ AS window_end
    FROM (SELECT unnest($1::VARCHAR[]) AS s, unnest($2::VARCHAR[]) AS e)
) w ON (w.window_start IS NULL OR o.created_at >= w.window_start) AND (w.window_end IS NULL OR o.created_at < w.window_end)
WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND o.deleted_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM audit.exceptions e
    WHERE e.source = o.source AND e.account = o.account AND e.order_id = o.order_id AND e.table_name = 'orders' AND e.column_name = 'created_at')
{{- range .}}
  AND o.order_id NOT IN (SELECT order_id FROM {{records .}} WHERE order_id IS NOT NULL AND NOT is_superseded)
{{- end}}
