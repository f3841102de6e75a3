-- The columns of every table of an attached database, in their order.
SELECT schema_name, table_name, column_name FROM duckdb_columns()
WHERE database_name = $1 AND NOT internal AND (schema_name, table_name) IN (SELECT (schema_name, table_name) FROM duckdb_tables() WHERE database_name = $1 AND NOT temporary)
ORDER BY schema_name, table_name, column_index
