-- How many records the scan of a stream ($3) and filter ($4) brought when a
-- window that shares some of the time from $5 to $6 was last read completely.
SELECT e.distinct_rows
FROM audit.extracts e JOIN audit.runs r USING (run_id)
WHERE e.source = $1 AND e.account = $2 AND e.stream = $3 AND e.filter IS NOT DISTINCT FROM nullif($4, '') AND e.state = 'complete'
    AND (e.window_start IS NULL OR $6::TIMESTAMPTZ IS NULL OR e.window_start < $6::TIMESTAMPTZ)
    AND (e.window_end IS NULL OR $5::TIMESTAMPTZ IS NULL OR e.window_end > $5::TIMESTAMPTZ)
ORDER BY r.started_at DESC
LIMIT 1
