-- Writes one file: the rows of a month, or those of one account in it. A
-- template, see reports/lake. The month stands in the path and in no file: readers
-- take it from there. JSON is written as text, which every reader takes.
COPY (
    SELECT {{.Table.Selected}}
    FROM {{template "queries/lake_from" .Table}}
    WHERE true
        {{if .Apart}}
        {{if .Table.Has "source"}}AND t.source IS NOT DISTINCT FROM {{.Source}}{{end}}
        {{if .Table.Has "account"}}AND t.account IS NOT DISTINCT FROM {{.Account}}{{end}}
        {{end}}
        {{if .Table.ByMonth}}{{if .First}}AND {{.Table.Date}} >= DATE {{.First}} AND {{.Table.Date}} < DATE {{.First}} + INTERVAL 1 MONTH{{else}}AND {{.Table.Date}} IS NULL{{end}}{{end}}
    ORDER BY {{.Table.Order}}
) TO {{.File}} (FORMAT parquet, COMPRESSION zstd)
