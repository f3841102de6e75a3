-- The run that was published last, and when.
SELECT published_run_id AS run, published_at FROM audit.meta
