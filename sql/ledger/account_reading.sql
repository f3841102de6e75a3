-- How a run ($1) read an account ($2, $3): its windows, whether one moved a
-- cursor, and what was wrong with those that are not complete.
SELECT count(*), coalesce(bool_or(advances_cursor), false),
    coalesce(string_agg(concat_ws(': ', state || ' ' || stream, message), '; ' ORDER BY stream, message) FILTER (state <> 'complete'), '')
FROM audit.extracts
WHERE run_id = $1 AND source = $2 AND account = $3
