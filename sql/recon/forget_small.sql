-- Takes out what a check ($1) found within its tolerance of the orders that are
-- looked at now.
DELETE FROM recon.small_differences
WHERE rule = $1{{if .Scoped}} AND (source, account, order_id) IN (SELECT (source, account, order_id) FROM scope_asked){{end}}
