-- The schema version that the database says it has, 0 before it was named.
SELECT coalesce(max(schema_version), 0) FROM audit.meta
