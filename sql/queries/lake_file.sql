-- How many rows a lake's file holds, their digest as lake_cells.sql makes it, and the
-- engine that wrote the file. reports/iceberg sets the variable.
SELECT
    count(*) AS rows,
    printf('%032x%08x', coalesce(sum(hash(r)::HUGEINT), 0) % 170141183460469231731687303715884105727, count(*)) AS digest,
    (SELECT created_by FROM parquet_file_metadata(getvariable('lake_files'))) AS written_by,
    version() AS engine
FROM read_parquet(getvariable('lake_files')) r
