-- Makes one table visible to the checks under its name: all of it as a view, or
-- the rows of the orders in scope as a table. A temporary table hides the one
-- of main even where the schema is named, for its own schema is called main
-- too; so the database is named as well. A deleted order is not there. What was
-- refused without an order's id is known by its place in the landing.
{{if .Scoped -}}
CREATE OR REPLACE TEMP TABLE {{id .Table}} AS
SELECT t.* FROM {{id .Database}}.{{.Schema}}.{{id .Table}} t
SEMI JOIN scope s ON s.source = t.source AND s.account = t.account AND s.order_id = {{if eq .Table "exceptions"}}coalesce(t.order_id, t.landing_ref){{else}}t.order_id{{end}}
{{- else -}}
CREATE OR REPLACE TEMP VIEW {{id .Table}} AS
SELECT * FROM {{id .Database}}.{{.Schema}}.{{id .Table}} t
{{- end}}
{{- if eq .Table "orders"}}
WHERE t.deleted_at IS NULL
{{- end}}
