-- How many breaks are open, by rule and severity. A rule of which none is open has 0
-- at its own severity.
WITH kinds AS (
    SELECT rule, severity FROM recon.rules
    UNION
    SELECT rule, severity FROM recon.breaks WHERE status = 'open'
)
SELECT k.rule, k.severity, count(b.break_id) AS breaks
FROM kinds k
LEFT JOIN recon.breaks b ON b.rule = k.rule AND b.severity = k.severity AND b.status = 'open'
GROUP BY k.rule, k.severity
ORDER BY k.rule, k.severity
