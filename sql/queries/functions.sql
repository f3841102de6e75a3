-- A table function says nothing of side effects: null.
SELECT lower(function_name), bool_or(function_type = 'table'), coalesce(bool_or(has_side_effects), false)
FROM duckdb_functions()
WHERE database_name = 'system'
GROUP BY ALL
HAVING bool_or(function_type = 'table') OR coalesce(bool_or(has_side_effects), false)
