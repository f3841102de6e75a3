-- The runs whose answers the rows of the temporary table scope come from, those that last
-- changed them, and those at whose time a break of order $3 was seen first or no longer.
WITH refs AS (
    {{- range .Tables}}
    SELECT t.landing_ref, t.run_id FROM {{.}} t SEMI JOIN scope s USING (source, account, order_id)
    UNION ALL
    {{- end}}
    SELECT t.landing_ref, t.run_id FROM audit.order_versions t SEMI JOIN scope s USING (source, account, order_id)
    UNION ALL
    SELECT t.landing_ref, t.run_id FROM audit.rejects t SEMI JOIN scope s USING (source, account, order_id)
    UNION ALL
    SELECT t.landing_ref, t.run_id FROM audit.findings t SEMI JOIN scope s USING (source, account, order_id)
),
seen AS (
    SELECT unnest([first_seen, resolved_at]) AS at
    FROM recon.breaks
    WHERE (source = $1 AND account = $2 AND order_id = $3) OR (right_source = $1 AND right_account = $2 AND right_order_id = $3)
)
SELECT run_id FROM refs WHERE run_id IS NOT NULL
UNION
SELECT split_part(landing_ref, '/', 4) FROM refs WHERE landing_ref IS NOT NULL
UNION
SELECT r.run_id FROM audit.runs r JOIN seen ON r.started_at = seen.at
