-- A table, t, with the order that a row names, o, where its month is that order's.
-- A template, see reports/lake.
{{.Name}} t
{{if .ByOrder}}LEFT JOIN main.orders o ON o.source = t.source AND o.account = t.account AND o.order_id = t.order_id{{end}}
