-- The comments that the database has, by schema.table or schema.table.column.
SELECT schema_name || '.' || table_name AS object, comment FROM duckdb_tables() WHERE comment IS NOT NULL
UNION ALL
SELECT schema_name || '.' || view_name, comment FROM duckdb_views() WHERE comment IS NOT NULL AND NOT internal
UNION ALL
SELECT schema_name || '.' || table_name || '.' || column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL AND NOT internal
