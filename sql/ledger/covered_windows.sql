-- The complete windows by which the coverage of an account's ($1, $2) streams
-- is told. A run whose windows of a stream start earlier than all before it has
-- begun the stream anew: what was covered before that run does not count.
SELECT stream, coalesce(filter, ''), window_start, window_end
FROM audit.extracts e LEFT JOIN audit.runs r USING (run_id)
WHERE source = $1 AND account = $2 AND state = 'complete' AND advances_cursor AND window_end IS NOT NULL
QUALIFY coalesce(r.started_at >= first_value(r.started_at) OVER (PARTITION BY stream, filter ORDER BY window_start NULLS FIRST, r.started_at), true)
ORDER BY stream, filter, window_start NULLS FIRST, window_end
