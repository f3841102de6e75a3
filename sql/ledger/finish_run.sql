UPDATE audit.runs SET finished_at = $2, outcome = $3, exit_code = $4 WHERE run_id = $1
