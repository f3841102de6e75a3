-- The orders that are gone at the vendor: created within a window that was
-- proven to hold every order, and not in it.
CREATE OR REPLACE TEMP TABLE gone_orders AS
SELECT DISTINCT o.order_id
FROM main.orders o
JOIN (
    SELECT NULL::TIMESTAMPTZ AS window_start, NULL::TIMESTAMPTZ AS window_end WHERE false
    {{- range .Windows}}
    UNION ALL SELECT {{if .Start.IsZero}}NULL{{else}}{{instant .Start}}{{end}}, {{if .End.IsZero}}NULL{{else}}{{instant .End}}{{end}}
    {{- end}}
) w ON (w.window_start IS NULL OR o.created_at >= w.window_start) AND (w.window_end IS NULL OR o.created_at < w.window_end)
WHERE o.source = {{lit .Source}} AND o.account = {{lit .Account}} AND o.deleted_at IS NULL
{{- range .Streams}}
  AND o.order_id NOT IN (SELECT order_id FROM {{records .}} WHERE order_id IS NOT NULL AND NOT is_superseded)
{{- end}};
