-- The partitions of one table: how many rows each has, and a sum that changes
-- when any of them does. A template, see reports/lake.
SELECT
    {{if .BySource}}t.source{{else}}NULL::VARCHAR{{end}} AS source,
    {{if .ByMonth}}strftime({{.Date}}, '%Y-%m'){{else}}NULL::VARCHAR{{end}} AS business_month,
    {{if .ByMonth}}min(date_trunc('month', {{.Date}}))::DATE::VARCHAR{{else}}NULL::VARCHAR{{end}} AS first_day,
    count(*) AS rows,
    coalesce(sum(hash(t)::HUGEINT), 0)::VARCHAR AS content
FROM {{.Name}} t
{{if .ByOrder}}LEFT JOIN main.orders o ON o.source = t.source AND o.account = t.account AND o.order_id = t.order_id{{end}}
GROUP BY ALL
ORDER BY ALL
