-- Writes one partition. A template, see reports/lake. What the path says
-- stands in no file: readers take it from there. JSON is written as text,
-- which every reader takes.
COPY (
    SELECT {{.Columns}}
    FROM {{.Table.Name}} t
    {{if .Table.ByOrder}}LEFT JOIN main.orders o ON o.source = t.source AND o.account = t.account AND o.order_id = t.order_id{{end}}
    WHERE true
        {{if .Table.BySource}}AND t.source IS NOT DISTINCT FROM {{.Source}}{{end}}
        {{if .Table.ByMonth}}{{if .First}}AND {{.Table.Date}} >= DATE {{.First}} AND {{.Table.Date}} < DATE {{.First}} + INTERVAL 1 MONTH{{else}}AND {{.Table.Date}} IS NULL{{end}}{{end}}
    ORDER BY {{.Order}}
) TO {{.File}} (FORMAT parquet, COMPRESSION zstd)
