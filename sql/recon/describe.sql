-- The columns of a check's SELECT, without running it.
SELECT column_name, column_type FROM (DESCRIBE {{.}}
)
