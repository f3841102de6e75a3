-- How each configured account stands: its last night of which nothing is missing,
-- the last one in which it was asked, and the breaks of its own that are open.
WITH nights AS (
    SELECT
        e.source,
        e.account,
        r.started_at,
        bool_and(e.state = 'complete') AS complete,
        any_value(e.state ORDER BY e.state = 'failed' DESC, e.state <> 'complete' DESC) AS state,
        any_value(e.message ORDER BY e.state = 'failed' DESC) FILTER (e.state <> 'complete') AS message
    FROM audit.extracts e
    JOIN audit.runs r USING (run_id)
    GROUP BY e.source, e.account, r.run_id, r.started_at
),
open_breaks AS (
    SELECT
        source,
        account,
        count(*) FILTER (severity = 'error') AS errors,
        count(*) FILTER (severity = 'warning') AS warnings,
        count(*) FILTER (severity = 'info') AS infos
    FROM recon.breaks
    WHERE status = 'open'
    GROUP BY ALL
)
SELECT
    a.source,
    a.account,
    a.timezone,
    max(n.started_at) FILTER (n.complete) AS complete_at,
    max(n.started_at) AS asked_at,
    max_by(n.state, n.started_at) AS state,
    max_by(n.message, n.started_at) AS message,
    coalesce(any_value(b.errors), 0) AS errors,
    coalesce(any_value(b.warnings), 0) AS warnings,
    coalesce(any_value(b.infos), 0) AS infos
FROM audit.accounts a
LEFT JOIN nights n USING (source, account)
LEFT JOIN open_breaks b USING (source, account)
WHERE a.is_configured
GROUP BY a.source, a.account, a.timezone
ORDER BY a.source, a.account
