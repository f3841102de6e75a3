-- What of one table can be a file of its own, by month and account: how many rows
-- it has, a sum that changes when any of them does, and that of its whole month.
-- A template, see reports/lake.
SELECT
    {{if .ByMonth}}strftime({{.Date}}, '%Y-%m'){{else}}NULL::VARCHAR{{end}} AS business_month,
    {{if .Has "source"}}t.source{{else}}NULL::VARCHAR{{end}} AS source,
    {{if .Has "account"}}t.account{{else}}NULL::VARCHAR{{end}} AS account,
    {{if .ByMonth}}min(date_trunc('month', {{.Date}}))::DATE::VARCHAR{{else}}NULL::VARCHAR{{end}} AS first_day,
    count(*) AS rows,
    sum(hash(t)::HUGEINT)::VARCHAR AS content,
    sum(sum(hash(t)::HUGEINT)) OVER (PARTITION BY {{if .ByMonth}}strftime({{.Date}}, '%Y-%m'){{else}}NULL{{end}})::HUGEINT::VARCHAR AS month_content
FROM {{.Name}} t
{{if .ByOrder}}LEFT JOIN main.orders o ON o.source = t.source AND o.account = t.account AND o.order_id = t.order_id{{end}}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
