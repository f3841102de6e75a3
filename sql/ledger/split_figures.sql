-- What a close from $1 to $2 at $3 (texts) comes to for an account that was split
-- (variable earlier) and the one that took a part of it (account).
CREATE OR REPLACE TEMP TABLE split_figures AS
SELECT
    source, account, flow, currency,
    count(*) AS orders
{{- range .}},
    sum({{.}})::DECIMAL(38,4) AS {{.}}
{{- end}}
FROM main.orders_as_of($3::VARCHAR::TIMESTAMPTZ)
WHERE deleted_at IS NULL AND business_date BETWEEN $1::VARCHAR::DATE AND $2::VARCHAR::DATE
    AND source = getvariable('source') AND account IN (getvariable('earlier'), getvariable('account'))
GROUP BY source, account, flow, currency
