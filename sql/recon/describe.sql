-- The columns of a table or of a check's SELECT, without running it.
SELECT column_name, column_type FROM (DESCRIBE FROM {{.}})
