-- The sums of a table's money columns, by currency where it has one. A template, see
-- reports/iceberg.
SELECT
    {{if .Table.Has "currency"}}coalesce(t.currency, ''){{else}}''{{end}} AS currency,
    [{{range $i, $column := .Money}}{{if $i}}, {{end}}sum(t.{{$column}})::VARCHAR{{end}}] AS sums
FROM {{.Table.Name}} t
GROUP BY 1
ORDER BY 1
