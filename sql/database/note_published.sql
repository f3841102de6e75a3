-- Notes which run the published copy shows, and the zone of its readers.
UPDATE audit.meta SET published_run_id = $1, published_at = $2, timezone = $3
