-- The ledger of runs, newest first: what each brought, over all accounts. A row
-- that was refused in several windows is one.
SELECT
    r.run_id,
    date_trunc('second', r.started_at) AS started,
    date_diff('second', r.started_at, r.finished_at) AS seconds,
    coalesce(r.outcome, 'unfinished') AS outcome,
    count(DISTINCT e.source || '/' || e.account) AS accounts,
    coalesce(sum(e.fetched), 0)::BIGINT AS fetched,
    coalesce(sum(e.inserted), 0)::BIGINT AS new,
    coalesce(sum(e.updated), 0)::BIGINT AS changed,
    coalesce((SELECT sum(rejected) FROM audit.refused f WHERE f.run_id = r.run_id), 0)::BIGINT AS refused
FROM audit.runs r
LEFT JOIN audit.extracts e USING (run_id)
GROUP BY ALL
ORDER BY started DESC, run_id DESC
