-- How many answers each stream and filter of an account ($1, $2) took when it
-- was last read.
SELECT stream, coalesce(filter, ''), sum(pages)::INTEGER
FROM audit.extracts e JOIN audit.runs r USING (run_id)
WHERE e.source = $1 AND e.account = $2 AND e.state <> 'failed'
GROUP BY e.run_id, r.started_at, stream, filter
QUALIFY row_number() OVER (PARTITION BY stream, filter ORDER BY r.started_at DESC) = 1
