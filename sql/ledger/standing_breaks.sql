-- The open breaks of the severities in $1, of any date, with what their rule is
-- called.
SELECT
    b.break_id, b.rule, b.severity,
    coalesce(r.title_en, b.rule), coalesce(r.title_zh, b.rule),
    b.source, b.account, coalesce(b.order_id, ''), b.first_seen
FROM recon.breaks b
LEFT JOIN recon.rules r USING (rule)
WHERE b.status = 'open' AND list_contains($1::VARCHAR[], b.severity)
ORDER BY b.rule, b.first_seen, b.source, b.account, b.order_id, b.break_id
