-- How long the stages of one run took, over all accounts and, where there are
-- several, of each, the longest first: their share of all that was measured, how
-- often each was done, and how fast.
WITH measured AS (
    SELECT source || '/' || account AS account, stage, seconds, calls, bytes, rows
    FROM audit.stages
    WHERE run_id = $1
),
told AS (
    SELECT 'all' AS account, stage, sum(seconds) AS seconds, sum(calls) AS calls, sum(bytes) AS bytes, sum(rows) AS rows
    FROM measured
    GROUP BY stage
    UNION ALL
    SELECT account, stage, sum(seconds), sum(calls), sum(bytes), sum(rows)
    FROM measured
    WHERE account IS NOT NULL AND (SELECT count(DISTINCT account) > 1 FROM measured)
    GROUP BY account, stage
)
SELECT
    account,
    stage,
    seconds::DECIMAL(18, 3) AS seconds,
    (100 * seconds / (SELECT nullif(sum(seconds), 0) FROM measured))::DECIMAL(4, 1) AS percent,
    nullif(calls, 0)::BIGINT AS calls,
    nullif(bytes / 1e6, 0)::DECIMAL(18, 1) AS mb,
    nullif(rows, 0)::BIGINT AS rows,
    (nullif(bytes, 0) / 1e6 / nullif(seconds, 0))::DECIMAL(18, 1) AS mb_per_s,
    (nullif(rows, 0) / nullif(seconds, 0))::BIGINT AS rows_per_s
FROM told
ORDER BY account <> 'all', told.account, told.seconds DESC, stage
