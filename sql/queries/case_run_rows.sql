-- What one run brought of one account in one table of the ledger. A template: the table is
-- one of the dictionary's.
SELECT * FROM {{.}} WHERE source = $1 AND account = $2 AND run_id = $3 ORDER BY ALL
