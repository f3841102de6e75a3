-- Rejects and findings of one stream, named by $1. A record that came several
-- times tells the same thing several times, in as many windows; it is kept once,
-- as it came last. A record without a key that an enriching stream repeats stands under the
-- stream that lists the orders.
INSERT INTO audit.{{.Target}} BY NAME
SELECT
    getvariable('run_id') AS run_id,
    i.source, i.account,
    $1 AS stream,
    i.order_id, i.field, i.reason, i.raw, i.landing_ref
FROM {{staged .Stream "_issues"}} i
JOIN {{records .Stream}} r ON r._seq = i._seq
WHERE NOT r.is_superseded AND {{if .Rejects}}i.is_reject{{else}}NOT i.is_reject{{end}}
{{- range .Listed}}
AND NOT (i.order_id IS NULL AND r.record_key IN (SELECT record_key FROM {{records .}} WHERE order_id IS NULL AND NOT is_superseded))
{{- end}}
QUALIFY row_number() OVER (PARTITION BY r.record_key, i.field, i.reason, i.raw ORDER BY i._seq DESC) = 1
ORDER BY i._seq, i.field
