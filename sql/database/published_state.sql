-- What a published copy says of itself.
SELECT database_id, coalesce(published_run_id, ''), coalesce(chain_head, '') FROM audit.meta
