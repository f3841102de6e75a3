-- How many rows one run refused, and how many values it doubted, and why.
SELECT
    'rejected' AS what,
    source || '/' || account AS account,
    field,
    reason,
    count(*) AS times
FROM audit.rejects
WHERE run_id = $1
GROUP BY ALL
UNION ALL
SELECT
    'doubted' AS what,
    source || '/' || account AS account,
    field,
    reason,
    count(*) AS times
FROM audit.findings
WHERE run_id = $1
GROUP BY ALL
ORDER BY what DESC, times DESC, account, field, reason
