-- Names a database that has no name yet.
INSERT INTO audit.meta (database_id, schema_version, created_at)
SELECT $1, $2, now() WHERE NOT EXISTS (SELECT 1 FROM audit.meta)
