-- A table of the columns of a SELECT, as DuckDB has them, without rows.
CREATE OR REPLACE TEMP TABLE {{id .Table}} AS SELECT * FROM (
{{.Text}}
) LIMIT 0
