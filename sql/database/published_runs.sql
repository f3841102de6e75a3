-- The runs of a published copy that came to their end, as its ledger has them.
SELECT run_id, started_at, finished_at, outcome, exit_code, config_sha256 FROM audit.runs WHERE outcome IS NOT NULL ORDER BY started_at, run_id
