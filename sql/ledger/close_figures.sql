-- The figures of a period, from $1 to $2, as they were known at $3, by source,
-- account, flow and currency.
SELECT
    source, account, flow, currency,
    count(*) AS orders
{{- range .}},
    sum({{.}})::DECIMAL(38,4) AS {{.}}
{{- end}}
FROM main.orders_as_of($3)
WHERE deleted_at IS NULL AND business_date BETWEEN $1::VARCHAR::DATE AND $2::VARCHAR::DATE
GROUP BY source, account, flow, currency
ORDER BY ALL
