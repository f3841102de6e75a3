-- The breaks on either side of which an order stands; $4 is the language.
SELECT b.*, CASE WHEN $4 = 'zh' THEN r.title_zh ELSE r.title_en END AS title,
    CASE WHEN $4 = 'zh' THEN b.explanation_zh ELSE b.explanation_en END AS explanation
FROM recon.breaks b
LEFT JOIN recon.rules r USING (rule)
WHERE (b.source = $1 AND b.account = $2 AND b.order_id = $3)
   OR (b.right_source = $1 AND b.right_account = $2 AND b.right_order_id = $3)
ORDER BY b.status = 'resolved', b.first_seen, b.rule, b.break_id
