-- How the records of each window of one stream ended:
-- fetched = distinct + duplicates, distinct = inserted + updated + unchanged + rejected.
SELECT
    window_no,
    sum(records)::BIGINT AS fetched,
    count(*)::BIGINT AS distinct_rows,
    count(*) FILTER (WHERE ending = 'inserted')::BIGINT AS inserted,
    count(*) FILTER (WHERE ending = 'updated')::BIGINT AS updated,
    count(*) FILTER (WHERE ending = 'unchanged')::BIGINT AS unchanged,
    count(*) FILTER (WHERE ending = 'rejected')::BIGINT AS rejected
FROM (
    SELECT
        r.window_no,
        r.record_key,
        count(*) AS records,
        CASE WHEN bool_and(r.is_rejected) THEN 'rejected' ELSE coalesce(max(c.change), 'unchanged') END AS ending
    FROM {{records .Stream}} r
    LEFT JOIN changed_orders c ON c.order_id = r.order_id
    GROUP BY ALL
)
GROUP BY window_no;
