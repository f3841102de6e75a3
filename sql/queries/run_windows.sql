-- What one run fetched, window by window. fetched = different + twice, and
-- different = new + changed + same + refused; stated is the vendor's own number.
SELECT
    concat_ws(' ', source || '/' || account, stream, filter) AS window,
    strftime(window_start AT TIME ZONE (SELECT timezone FROM audit.accounts a WHERE a.source = e.source AND a.account = e.account), '%Y-%m-%d %H:%M') AS "from",
    strftime(window_end AT TIME ZONE (SELECT timezone FROM audit.accounts a WHERE a.source = e.source AND a.account = e.account), '%Y-%m-%d %H:%M') AS until,
    state,
    api_total AS stated,
    pages,
    fetched,
    duplicates AS twice,
    inserted AS new,
    updated AS changed,
    unchanged AS same,
    rejected AS refused,
    message
FROM audit.extracts e
WHERE run_id = $1
ORDER BY source, account, stream, window_start NULLS FIRST, filter
