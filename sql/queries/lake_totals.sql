-- The sums of money columns, by currency where there is one: of a table, or of a
-- lake's files. A template, see reports/iceberg.
SELECT
    {{if .Currency}}coalesce(t.currency, ''){{else}}''{{end}} AS currency,
    [{{range $i, $column := .Money}}{{if $i}}, {{end}}sum(t.{{$column}})::VARCHAR{{end}}] AS sums
FROM {{.From}} t
GROUP BY 1
ORDER BY 1
