-- What of one run does not add up, by account: windows that are not complete, and
-- sums of money columns that were loaded otherwise than they were stated.
WITH totals AS (
    SELECT source, account, count(*) AS differing
    FROM audit.extract_totals
    WHERE run_id = $1 AND amount_in IS DISTINCT FROM amount_loaded
    GROUP BY source, account
)
SELECT
    e.source,
    e.account,
    count(*) FILTER (e.state <> 'complete') AS windows,
    coalesce(any_value(t.differing), 0) AS totals
FROM audit.extracts e
LEFT JOIN totals t USING (source, account)
WHERE e.run_id = $1
GROUP BY e.source, e.account
ORDER BY e.source, e.account
