-- The figures of a period, from $1 to $2, as they were known at $3, by source,
-- account, flow, standing and currency, as text: those of flow revenue that
-- are live are the revenue of the sheet Revenue. Added up over the standings
-- they are the figures that are closed (close_figures.sql).
SELECT COLUMNS(*)::VARCHAR FROM (
    SELECT
        source, account, flow, standing, currency,
        count(*) AS orders
    {{- range .}},
        sum({{.}})::DECIMAL(38,4) AS {{.}}
    {{- end}}
    FROM (SELECT *, main.standing(status, refund_status, deleted_at) AS standing FROM main.orders_as_of($3))
    WHERE standing <> 'deleted' AND business_date BETWEEN $1::VARCHAR::DATE AND $2::VARCHAR::DATE
    GROUP BY source, account, flow, standing, currency
    ORDER BY source, account, flow, CASE standing WHEN 'live' THEN 1 WHEN 'canceled' THEN 2 ELSE 3 END, currency
)
