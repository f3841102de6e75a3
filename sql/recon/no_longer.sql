b.status <> 'resolved'
{{- if .Scoped}}
    AND ((b.source, b.account, b.order_id) IN (SELECT (source, account, order_id) FROM scope_asked)
        OR list_contains((SELECT of_everything FROM recon_run), b.rule))
{{- end}}
    AND NOT EXISTS (SELECT 1 FROM recon_found AS f WHERE f.break_id = b.break_id)
