-- What replays could not make again from the landing, newest first.
SELECT
    date_trunc('second', accepted_at) AS accepted_at,
    accepted_by,
    run_id,
    source || '/' || account AS account,
    what,
    date_from,
    date_to
FROM audit.losses
ORDER BY accepted_at DESC, entry_id
