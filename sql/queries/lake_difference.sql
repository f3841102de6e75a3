-- The first rows, by their keys, that a lake's files and a published database do not both
-- hold as often, in a slice of one cell: the whole may not fit into memory. A template, see
-- reports/iceberg.
WITH held AS (
    SELECT {{.Names}}
    FROM {{if .Files}}read_parquet(getvariable('lake_files')){{else}}({{template "queries/lake_rows" .Table}}){{end}} t
    WHERE {{if .Files}}true{{else}}false{{end}}
        {{if .Keys}}AND hash({{columns "t." .Keys}}) % {{.Slices}} = {{.Slice}}{{end}}
),
published AS (
    SELECT {{.Names}}
    FROM ({{template "queries/lake_rows" .Table}}) t
    WHERE true
        {{range .Cell}}AND t.{{.Column}} IS NOT DISTINCT FROM ${{.Parameter}}
        {{end}}
        {{if .Keys}}AND hash({{columns "t." .Keys}}) % {{.Slices}} = {{.Slice}}{{end}}
)
SELECT COLUMNS(*)::VARCHAR
FROM (
    SELECT 'lake' AS stands_in, * FROM (FROM held EXCEPT ALL FROM published)
    UNION ALL
    SELECT 'database' AS stands_in, * FROM (FROM published EXCEPT ALL FROM held)
)
ORDER BY {{range .Keys}}{{.}}, {{end}}stands_in
LIMIT 2
