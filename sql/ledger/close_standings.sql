-- The figures of a period, from $1 to $2, as they were known at $3, by source,
-- account, flow, standing and currency, as text: those of flow revenue that
-- are live are the revenue of the sheet Revenue. Added up over the standings
-- they are the figures that are closed (close_figures.sql).
SELECT COLUMNS(*)::VARCHAR FROM (
    SELECT
        source, account, flow, main.standing(status, refund_status, deleted_at) AS standing, currency,
        count(*) AS orders
    {{- range .}},
        sum({{.}})::DECIMAL(38,4) AS {{.}}
    {{- end}}
    FROM main.orders_as_of($3)
    WHERE deleted_at IS NULL AND business_date BETWEEN $1::VARCHAR::DATE AND $2::VARCHAR::DATE
    GROUP BY ALL
    ORDER BY source, account, flow, CASE standing WHEN 'live' THEN 1 WHEN 'canceled' THEN 2 ELSE 3 END, currency
)
