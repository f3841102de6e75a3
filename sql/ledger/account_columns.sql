-- The columns that name an account, each with the one that names its source.
SELECT a.schema_name, a.table_name, s.column_name, a.column_name
FROM duckdb_columns() a
JOIN duckdb_columns() s ON s.table_oid = a.table_oid AND s.database_oid = a.database_oid
    AND s.column_name = replace(a.column_name, 'account', 'source')
JOIN duckdb_tables() t ON t.table_oid = a.table_oid AND t.database_oid = a.database_oid
WHERE a.database_name = current_database() AND NOT t.temporary AND suffix(a.column_name, 'account')
    -- The history of names says what they were.
    AND a.table_name <> 'basis_changes'
ORDER BY ALL
