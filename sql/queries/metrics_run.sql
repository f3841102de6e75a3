-- When people last got a night, and when a run last ended well, with or without
-- breaks.
SELECT
    published_at,
    (SELECT max(finished_at) FROM audit.runs WHERE outcome IN ('complete', 'breaks')) AS succeeded_at
FROM audit.meta
