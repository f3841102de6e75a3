-- One run.
SELECT run_id, date_trunc('second', started_at) AS started, date_trunc('second', finished_at) AS finished, coalesce(outcome, 'unfinished') AS outcome, exit_code AS exit, version
FROM audit.runs
WHERE run_id = $1
