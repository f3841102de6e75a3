-- Enters a run, once.
INSERT INTO audit.runs (run_id, started_at, version, config_sha256)
SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM audit.runs WHERE run_id = $1)
