-- One break; $2 is the language.
SELECT b.*, CASE WHEN $2 = 'zh' THEN r.title_zh ELSE r.title_en END AS title,
    CASE WHEN $2 = 'zh' THEN b.explanation_zh ELSE b.explanation_en END AS explanation
FROM recon.breaks b
LEFT JOIN recon.rules r USING (rule)
WHERE b.break_id = $1
