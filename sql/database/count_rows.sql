-- How many rows each table has, by schema.table.
{{range $i, $t := .}}{{if $i}}
UNION ALL
{{end}}SELECT {{text (printf "%s.%s" $t.Schema $t.Name)}}, count(*) FROM {{id $t.Schema}}.{{id $t.Name}}{{end}}
