SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'audit' AND table_name = 'migrations'
