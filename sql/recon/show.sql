-- Makes one table visible to the checks under its name: all of it as a view, or
-- the rows of the orders in scope as a table. A temporary table hides the one
-- of main even where the schema is named, for its own schema is called main
-- too; so the database is named as well. A deleted order is not there.
{{if .Scoped -}}
CREATE OR REPLACE TEMP TABLE {{id .Table}} AS
SELECT t.* FROM {{id .Database}}.{{.Schema}}.{{id .Table}} t
SEMI JOIN scope s ON s.source = t.source AND s.account = t.account AND s.order_id = t.order_id
{{- else -}}
CREATE OR REPLACE TEMP VIEW {{id .Table}} AS
SELECT * FROM {{id .Database}}.{{.Schema}}.{{id .Table}} t
{{- end}}
{{- if eq .Table "orders"}}
WHERE t.deleted_at IS NULL
{{- end}}
