-- macro: last_complete()
-- gives: a table of one row and one column, business_date: the last one that was over for every
--   account of the book when the latest run began: what is later may still grow. Null where no
--   account is known

-- The lake has the time of day at which business days begin as text.
SELECT
    min(local_date(a.timezone, r.started_at)
        - CASE WHEN substr(second_text(a.timezone, r.started_at), 12) < a.business_day_start THEN 1 ELSE 0 END) - 1 AS business_date
FROM audit.accounts a
CROSS JOIN (SELECT max(started_at) AS started_at FROM audit.runs WHERE outcome IS DISTINCT FROM 'failed') r
WHERE a.is_configured
