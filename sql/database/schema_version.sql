SELECT coalesce(max(schema_version), 0) FROM audit.meta
