-- The columns of a lake's files. reports/iceberg sets the variable.
SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet(getvariable('lake_files')))
