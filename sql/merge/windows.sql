-- How the records of each window of one stream ended:
-- fetched = distinct + duplicates, distinct = inserted + updated + unchanged + rejected.
-- What only a superseded reading brought is a duplicate: it came and went
-- while the window was read.
SELECT
    window_no,
    sum(records)::BIGINT AS fetched,
    count(ending)::BIGINT AS distinct_rows,
    count(*) FILTER (WHERE ending = 'inserted')::BIGINT AS inserted,
    count(*) FILTER (WHERE ending = 'updated')::BIGINT AS updated,
    count(*) FILTER (WHERE ending = 'unchanged')::BIGINT AS unchanged,
    count(*) FILTER (WHERE ending = 'rejected')::BIGINT AS rejected
FROM (
    SELECT
        r.window_no,
        r.record_key,
        count(*) AS records,
        CASE
            WHEN bool_and(r.is_superseded) THEN NULL
            WHEN bool_and(r.is_rejected) FILTER (WHERE NOT r.is_superseded) THEN 'rejected'
            ELSE coalesce(max(c.change), 'unchanged')
        END AS ending
    FROM {{records .}} r
    LEFT JOIN changed_orders c ON c.order_id = r.order_id
    WHERE NOT r.is_of_page
    GROUP BY ALL
)
GROUP BY window_no
