-- How run $1 ended; no row where it has not.
SELECT finished_at, outcome, exit_code, books_to IS NOT NULL
FROM audit.runs
WHERE run_id = $1 AND outcome IS NOT NULL
