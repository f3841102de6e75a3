-- The open breaks of the severities in $1, of any date, with what their rule is
-- called. One that is of no order, but of its account, comes with its sentence.
SELECT
    b.break_id, b.rule, b.severity,
    coalesce(r.title_en, b.rule), coalesce(r.title_zh, b.rule),
    b.source, b.account, coalesce(b.order_id, ''), b.first_seen,
    coalesce(b.explanation_en, ''), coalesce(b.explanation_zh, ''),
    b.business_date IS NULL AND o.order_id IS NULL AS is_of_account
FROM recon.breaks b
LEFT JOIN recon.rules r USING (rule)
LEFT JOIN main.orders o ON o.source = b.source AND o.account = b.account AND o.order_id = b.order_id
WHERE b.status = 'open' AND list_contains($1::VARCHAR[], b.severity)
ORDER BY b.rule, b.first_seen, b.source, b.account, b.order_id, b.break_id
