-- The ledger's row of one run. A template: the table is that of the runs.
SELECT * FROM {{.}} WHERE run_id = $1
