-- 1 where run $1 is the one that the copy shows, is in its ledger and came to
-- its end.
SELECT count(*)
FROM audit.runs r JOIN audit.meta m ON m.published_run_id = r.run_id
WHERE r.run_id = $1 AND r.outcome IS NOT NULL
