-- The rows of one account in one table. A template: the table is one of the dictionary's.
SELECT * FROM {{.}} WHERE source = $1 AND account = $2 ORDER BY ALL
