-- The runs that a person may mean: one id in full, or how ids begin. "last"
-- is the newest.
SELECT run_id
FROM audit.runs
WHERE run_id = $1
   OR starts_with(run_id, $1)
   OR ($1 = 'last' AND run_id = (SELECT run_id FROM audit.runs ORDER BY started_at DESC, run_id DESC LIMIT 1))
ORDER BY run_id = $1 DESC, run_id
