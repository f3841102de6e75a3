-- The databases that have rows in the lake.
SELECT database_id FROM {{id .Catalog}}.audit.meta VERSION AS OF {{.Snapshot}} ORDER BY database_id
