-- Which database a published copy is of, and the recorded time of what it shows.
SELECT database_id, published_at FROM audit.meta WHERE published_at IS NOT NULL
