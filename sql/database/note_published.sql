-- Notes which run the published copy shows, the zone of its readers, the head of the
-- landing's chain of seals ('' where there is none), and the configuration by which
-- it is published.
UPDATE audit.meta SET published_run_id = $1, published_at = $2, timezone = $3, chain_head = nullif($4, ''), configuration = nullif($5, '')
