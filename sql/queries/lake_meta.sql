-- Which database a lake is made of, and by which engine its contents are
-- compared.
SELECT
    database_id,
    coalesce(published_run_id, '') AS run_id,
    coalesce(strftime(timezone('UTC', published_at), '%Y-%m-%dT%H:%M:%SZ'), '') AS published_at,
    schema_version,
    version() AS engine
FROM audit.meta
