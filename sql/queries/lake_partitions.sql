-- What of one table can be a file of its own, by month and account: how many rows
-- it has, a sum that changes when any of them does, and that of its whole month.
-- A template, see reports/lake.
SELECT
    {{if .ByMonth}}{{.Month}}{{else}}NULL::VARCHAR{{end}} AS business_month,
    {{if .Has "source"}}t.source{{else}}NULL::VARCHAR{{end}} AS source,
    {{if .Has "account"}}t.account{{else}}NULL::VARCHAR{{end}} AS account,
    {{if .ByMonth}}min(date_trunc('month', {{.Date}}))::DATE::VARCHAR{{else}}NULL::VARCHAR{{end}} AS first_day,
    count(*) AS rows,
    sum(hash(t)::HUGEINT)::VARCHAR AS content,
    sum(sum(hash(t)::HUGEINT)) OVER (PARTITION BY {{if .ByMonth}}{{.Month}}{{else}}NULL{{end}})::HUGEINT::VARCHAR AS month_content
FROM {{template "queries/lake_from" .}}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
