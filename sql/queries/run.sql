-- One run.
SELECT run_id, date_trunc('second', started_at) AS started_at, date_trunc('second', finished_at) AS finished_at, coalesce(outcome, 'unfinished') AS outcome, exit_code, version, config_sha256
FROM audit.runs
WHERE run_id = $1
