-- The runs that loaded anything of an account of source $1 under one of its
-- names $2.
SELECT DISTINCT run_id FROM audit.extracts
WHERE source = $1 AND list_contains($2::VARCHAR[], account) AND state <> 'failed'
