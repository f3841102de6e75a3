-- The rows of a table as they stand in an Iceberg lake, where the month is a column
-- of the files. A template, see reports/iceberg.
SELECT {{.Selected}}{{if .ByMonth}}, {{.Month}} AS business_month{{end}}
FROM {{template "queries/lake_from" .}}
