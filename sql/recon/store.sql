-- The breaks found in this run (recon_found, of the shape of recon.breaks) become
-- part of recon.breaks. What people wrote stays; a break that comes back, and one
-- whose amount is no longer the one that finance accepted or explained, is open
-- again. What was looked at and not found no longer holds; the others hold as
-- they did.
UPDATE recon.breaks AS b SET
    severity = f.severity,
    business_date = f.business_date,
    expected = f.expected,
    actual = f.actual,
    difference = f.difference,
    currency = f.currency,
    reason = f.reason,
    facts = f.facts,
    explanation_en = f.explanation_en,
    explanation_zh = f.explanation_zh,
    resolved_at = NULL,
    status = CASE
        WHEN b.status = 'resolved' THEN 'open'
        WHEN b.difference IS DISTINCT FROM f.difference OR b.currency IS DISTINCT FROM f.currency THEN 'open'
        ELSE b.status
    END
FROM recon_found AS f
WHERE b.break_id = f.break_id;

INSERT INTO recon.breaks BY NAME
SELECT f.*
FROM recon_found AS f
ANTI JOIN recon.breaks AS b ON b.break_id = f.break_id
ORDER BY f.rule, f.source, f.account, f.order_id, f.line_no, f.right_source, f.right_account, f.right_order_id;

UPDATE recon.breaks AS b SET
    status = 'resolved',
    resolved_at = (SELECT recorded_at FROM recon_run)
WHERE {{template "recon/no_longer" .}};

UPDATE recon.breaks SET last_seen = (SELECT recorded_at FROM recon_run) WHERE status <> 'resolved';
