-- A table as the checks see it: a deleted order is not there.
SELECT t.* FROM {{.Schema}}.{{.Table}} t
{{- if eq .Table "orders"}}
WHERE t.deleted_at IS NULL
{{- end}}
