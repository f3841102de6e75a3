-- Rows and the sums of money columns, by currency where there is one: of a table, or of a
-- lake's files. A template, see reports/iceberg; in the SQL that all engines read.
SELECT
    {{if .Currency}}coalesce(t.currency, ''){{else}}''{{end}} AS currency,
    count(*) AS row_count{{range .Money}},
    sum(t.{{.}}) AS {{.}}{{end}}
FROM {{.From}} t
GROUP BY 1
ORDER BY 1
