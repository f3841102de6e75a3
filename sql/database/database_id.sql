SELECT database_id FROM audit.meta
