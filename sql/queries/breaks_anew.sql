-- The breaks that checks have found anew, and those of the night that they have not; unlike
-- says where the two are not the same. $1 is the language of the sentences.
SELECT
    b.rule, b.severity, b.source, b.account, b.order_id, b.line_no, b.right_source, b.right_account, b.right_order_id,
    b.business_date, b.expected, b.actual, b.difference, b.currency, b.reason, b.status, u.unlike,
    CASE $1 WHEN 'zh' THEN b.explanation_zh ELSE b.explanation_en END AS explanation
FROM recon.breaks b
LEFT JOIN recon.unlike u USING (break_id)
WHERE b.status <> 'resolved' OR u.unlike IS NOT NULL
ORDER BY b.rule, b.source, b.account, b.order_id, b.line_no, b.right_source, b.right_account, b.right_order_id
