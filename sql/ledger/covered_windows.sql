-- The complete windows by which the coverage of an account's ($1, $2) streams
-- is told. A run whose windows of a stream start earlier than all before it has
-- begun the stream anew: what was covered before that run does not count.
--
-- What was read before the account was moved to another place was read of another
-- vendor: it counts no more.
--
-- Windows that cover no date, in a stream of which others do, have a cursor of
-- their own (extract.Window, OwnCursor). The first of them begins where others
-- have ended, so one that is not complete still says where to begin.
WITH windows AS (
    SELECT e.stream, coalesce(e.filter, '') AS filter, e.window_start, e.window_end, e.state = 'complete' AS is_complete,
        coalesce(NOT e.covers AND bool_or(e.covers) OVER (PARTITION BY e.stream), false) AS own_cursor,
        r.started_at
    FROM audit.extracts e LEFT JOIN audit.runs r USING (run_id)
    WHERE e.source = $1 AND e.account = $2 AND e.advances_cursor AND e.window_end IS NOT NULL
        AND coalesce(r.started_at >= (
            SELECT max(b.changed_at) FROM audit.basis_changes b
            WHERE b.source = $1 AND b.account = $2 AND b.setting IN ('base_url', 'tenant')
        ), true)
)
SELECT stream, filter, own_cursor, window_start, CASE WHEN is_complete THEN window_end ELSE window_start END AS covered_to
FROM windows
WHERE is_complete OR own_cursor
QUALIFY coalesce(started_at >= first_value(started_at) OVER (PARTITION BY stream, filter ORDER BY window_start NULLS FIRST, started_at), true)
ORDER BY stream, filter, window_start NULLS FIRST, covered_to
