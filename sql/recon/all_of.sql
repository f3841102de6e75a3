-- All rows of a temporary table.
SELECT * FROM {{id .}}
