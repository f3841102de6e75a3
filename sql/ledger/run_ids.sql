SELECT run_id FROM audit.runs
