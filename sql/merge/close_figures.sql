-- The figures of a period as they were known at an instant, by source,
-- account, flow and currency.
SELECT
    source, account, flow, currency,
    count(*) AS orders
{{- range .Amounts}},
    sum({{.}})::DECIMAL(38,4) AS {{.}}
{{- end}}
FROM main.orders_as_of({{instant .At}})
WHERE deleted_at IS NULL AND business_date BETWEEN {{lit .From}}::DATE AND {{lit .To}}::DATE
GROUP BY source, account, flow, currency
ORDER BY ALL
