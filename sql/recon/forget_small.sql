-- Takes out what was found within its tolerance of the orders that are looked at
-- now.
DELETE FROM recon.small_differences
{{- if .Scoped}} WHERE (source, account, order_id) IN (SELECT (source, account, order_id) FROM scope_asked){{end}}
