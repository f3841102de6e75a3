-- Every distinct state of an order, by the recorded time of the runs.
{{if not .New -}}
UPDATE audit.order_versions v SET valid_to = getvariable('run_at')
WHERE v.source = getvariable('source') AND v.account = getvariable('account') AND v.valid_to IS NULL
  AND v.order_id IN (SELECT order_id FROM diff_orders);

{{end -}}
INSERT INTO audit.order_versions BY NAME
SELECT
    c.*,
    getvariable('run_id') AS run_id,
    {{if .New}}1{{else}}1 + coalesce((
        SELECT max(v.version_no) FROM audit.order_versions v
        WHERE v.source = c.source AND v.account = c.account AND v.order_id = c.order_id
    ), 0){{end}} AS version_no,
    getvariable('run_at') AS valid_from,
    NULL::TIMESTAMPTZ AS valid_to,
    getvariable('cause')::VARCHAR AS cause
FROM cand_orders c
JOIN diff_orders d ON d.order_id = c.order_id AND d.change <> 'removed';
