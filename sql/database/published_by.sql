-- Whose a published copy is: the database, the run that it shows, when, and the
-- configuration by which it was published, which earlier schemas do not have.
SELECT database_id, coalesce(published_run_id, ''), coalesce(published_at, 'epoch'), coalesce(to_json(m) ->> 'configuration', '')
FROM audit.meta m
