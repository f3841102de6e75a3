-- Writes one file: the rows of a month, or those of one account in it. A
-- template, see reports/lake. The month stands in the path and in no file: readers
-- take it from there. JSON is written as text, which every reader takes.
COPY (
    SELECT {{.Columns}}
    FROM {{.Table.Name}} t
    {{if .Table.ByOrder}}LEFT JOIN main.orders o ON o.source = t.source AND o.account = t.account AND o.order_id = t.order_id{{end}}
    WHERE true
        {{if .Apart}}
        {{if .Table.Has "source"}}AND t.source IS NOT DISTINCT FROM {{.Source}}{{end}}
        {{if .Table.Has "account"}}AND t.account IS NOT DISTINCT FROM {{.Account}}{{end}}
        {{end}}
        {{if .Table.ByMonth}}{{if .First}}AND {{.Table.Date}} >= DATE {{.First}} AND {{.Table.Date}} < DATE {{.First}} + INTERVAL 1 MONTH{{else}}AND {{.Table.Date}} IS NULL{{end}}{{end}}
    ORDER BY {{.Order}}
) TO {{.File}} (FORMAT parquet, COMPRESSION zstd)
