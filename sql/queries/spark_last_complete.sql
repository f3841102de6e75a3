-- The view audit.last_complete, without the macros that only DuckDB has. The lake has the
-- time of day at which business days begin as text.
SELECT
    min(local_date(a.timezone, r.started_at)
        - CASE WHEN substr(second_text(a.timezone, r.started_at), 12) < a.business_day_start THEN 1 ELSE 0 END) - 1 AS business_date
FROM audit.accounts a
CROSS JOIN (SELECT max(started_at) AS started_at FROM audit.runs WHERE outcome IS DISTINCT FROM 'failed') r
WHERE a.is_configured
