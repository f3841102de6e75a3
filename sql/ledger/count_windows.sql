SELECT count(*) FROM audit.extracts WHERE run_id = $1 AND source = $2 AND account = $3
