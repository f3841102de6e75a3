-- Writes the file of one cell of an Iceberg lake: its columns are known by numbers, the
-- field ids. A template, see reports/iceberg.
COPY (
    SELECT *
    FROM ({{template "queries/lake_rows" .Table}}) t
    WHERE true
        {{range .Cell}}AND t.{{.Column}} IS NOT DISTINCT FROM ${{.Parameter}}
        {{end}}
    ORDER BY {{.Table.Order}}
) TO {{.File}} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v1, FIELD_IDS {{.FieldIDs}})
