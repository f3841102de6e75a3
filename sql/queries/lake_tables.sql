-- The tables of the lake with their columns in order, and by which date each
-- is cut into months: its own, that of the order that it belongs to, or none.
-- What the program keeps for itself is left out.
SELECT
    schema_name,
    table_name,
    list(column_name ORDER BY column_index) AS column_names,
    list(data_type ORDER BY column_index) AS column_types,
    CASE
        WHEN schema_name || '.' || table_name IN ('main.orders', 'audit.order_versions', 'recon.breaks') THEN 'own'
        WHEN list_contains(column_names, 'source') AND list_contains(column_names, 'order_id') THEN 'order'
        ELSE 'none'
    END AS dated_by
FROM duckdb_columns()
WHERE NOT internal
    AND database_name = current_database()
    AND schema_name IN ('main', 'audit', 'recon')
    AND schema_name || '.' || table_name NOT IN ('audit.migrations', 'recon.changed', 'recon.basis')
    AND EXISTS (SELECT 1 FROM duckdb_tables() t WHERE t.schema_name = duckdb_columns.schema_name AND t.table_name = duckdb_columns.table_name AND NOT t.temporary)
GROUP BY schema_name, table_name
ORDER BY CASE schema_name WHEN 'main' THEN 1 WHEN 'audit' THEN 2 ELSE 3 END, table_name
