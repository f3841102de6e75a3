-- The last night of a database, of several the latest: the run that was published last, when
-- its checks ran, and the zone of its sentences. What holds was seen when they ran.
SELECT r.run_id, coalesce(b.last_seen, r.started_at) AS recorded_at, coalesce(m.timezone, 'UTC') AS zone
FROM audit.meta m
JOIN audit.runs r ON r.run_id = m.published_run_id
CROSS JOIN (SELECT max(last_seen) AS last_seen FROM recon.breaks WHERE status <> 'resolved') b
ORDER BY r.started_at DESC, r.run_id
LIMIT 1
