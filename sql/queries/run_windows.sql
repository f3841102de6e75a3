-- What one run fetched, window by window. fetched = distinct_rows +
-- duplicates, and distinct_rows = inserted + updated + unchanged + rejected;
-- api_total is the vendor's own number.
SELECT
    source || '/' || account AS account,
    stream,
    filter,
    date_trunc('second', window_start) AS window_start,
    date_trunc('second', window_end) AS window_end,
    state,
    api_total,
    pages,
    fetched,
    distinct_rows,
    duplicates,
    inserted,
    updated,
    unchanged,
    rejected,
    message
FROM audit.extracts
WHERE run_id = $1
ORDER BY source, audit.extracts.account, stream, window_start NULLS FIRST, filter
