-- Adds the rows of a Parquet file ($1) to a table; with .Key, those that it does not have.
INSERT INTO {{.Table}} BY NAME SELECT * FROM read_parquet($1) n
{{- if .Key}} ANTI JOIN {{.Table}} USING ({{columns "" .Key}}){{end}}
