-- What differs between the candidate rows of one table and the warehouse. A
-- row has changed when a canonical column has, not when its JSON did.
CREATE OR REPLACE TEMP TABLE {{diff .Table}} AS
{{- if .Direct}}
SELECT DISTINCT order_id, 'inserted' AS change FROM {{staged (index .Streams 0).Name .Table}};
{{- else if .New}}
SELECT order_id, {{columns "" .RestKeys}}{{if .RestKeys}}, {{end}}'inserted' AS change FROM {{cand .Table}};
{{- else}}
SELECT c.order_id, {{columns "c." .RestKeys}}{{if .RestKeys}}, {{end}}
    CASE WHEN t.source IS NULL THEN 'inserted' ELSE 'updated' END AS change
FROM {{cand .Table}} c
LEFT JOIN (SELECT * FROM main.{{.Table}} WHERE source = getvariable('source') AND account = getvariable('account')) t
    ON {{equal "t" "c" .Keys}}
WHERE t.source IS NULL
{{- range .Columns}}
   OR c.{{.}} IS DISTINCT FROM t.{{.}}
{{- end}}
{{- if .OwnKey}}
   OR c.order_id IS DISTINCT FROM t.order_id
{{- end}}
{{- if .SoftDelete}}
   OR c.deleted_at IS DISTINCT FROM t.deleted_at
{{- end}}
{{- if not .OwnKey}}
UNION ALL
SELECT t.order_id, {{columns "t." .RestKeys}}{{if .RestKeys}}, {{end}}'removed'
FROM main.{{.Table}} t
WHERE t.source = getvariable('source') AND t.account = getvariable('account')
  AND t.order_id IN (SELECT order_id FROM touched_orders)
  AND NOT EXISTS (SELECT 1 FROM {{cand .Table}} c WHERE {{equal "c" "t" .Keys}})
{{- end}};
{{- end}}
