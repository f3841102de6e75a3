-- The end of a run ($1), and, where it leaves workbooks ($5), up to which
-- business date.
UPDATE audit.runs SET finished_at = $2, outcome = $3, exit_code = $4,
    books_to = CASE WHEN $5 THEN audit.over_at(started_at) END
WHERE run_id = $1
