-- rule: completeness
-- severity: error
-- title.en: Completeness
-- title.zh: 完整性
-- compares.en: records loaded (or refused) with the total that the vendor itself stated, by stream and window of the latest run that reached it
-- compares.zh: 按数据流及窗口，最近一次成功抽取的入库（含拒收）记录数与来源自报总数
-- tolerance: 0
-- scope: everything
-- explain.fewer.en: the vendor states {expected} records of {order_id}, {actual} are loaded: {difference} missing; windows off: {windows} ({window_list})
-- explain.fewer.zh: 来源自报{order_id}共{expected}条，入库{actual}条：缺{difference}条，涉及{windows}个窗口（{window_list}）
-- explain.more.en: the vendor states {expected} records of {order_id}, {actual} are loaded: {difference} too many; windows off: {windows} ({window_list})
-- explain.more.zh: 来源自报{order_id}共{expected}条，入库{actual}条：多{difference}条，涉及{windows}个窗口（{window_list}）

-- The figures are counts. order_id holds the stream and its filter, line_no 1
-- for windows with fewer records than stated and 2 for windows with more, so
-- that neither hides the other. The bounds of the window are not part of the
-- key: a trailing window moves every night, and what is missing from it should
-- keep its age.
WITH reached AS (
    SELECT e.source, e.account, e.stream, e.run_id, min(r.started_at) AS started_at
    FROM audit.extracts e
    LEFT JOIN audit.runs r USING (run_id)
    WHERE e.state <> 'failed'
    GROUP BY ALL
),
latest AS (
    SELECT source, account, stream, run_id
    FROM (SELECT *, row_number() OVER (PARTITION BY source, account, stream ORDER BY started_at DESC NULLS FIRST, run_id DESC) AS nth FROM reached) r
    WHERE nth = 1
),
windowed AS (
    SELECT
        e.source, e.account, e.stream, e.filter, e.window_start, e.api_total,
        e.inserted + e.updated + e.unchanged + e.rejected AS loaded,
        coalesce(minute_text('UTC', e.window_start), 'begin') || ' – '
            || coalesce(minute_text('UTC', e.window_end) || ' UTC', 'end')
            || ': ' || loaded || '/' || e.api_total AS label
    FROM audit.extracts e
    JOIN latest USING (source, account, stream, run_id)
    WHERE e.state <> 'failed' AND e.api_total IS NOT NULL
)
SELECT
    source, account,
    concat_ws(' ', stream, filter) AS order_id,
    CASE WHEN loaded < api_total THEN 1 ELSE 2 END AS line_no,
    CASE WHEN loaded < api_total THEN 'fewer' ELSE 'more' END AS variant,
    NULL::DATE AS business_date,
    sum(api_total)::BIGINT AS expected,
    sum(loaded)::BIGINT AS actual,
    NULL AS currency,
    stream, filter,
    count(*) AS windows,
    first_texts(label, 10, '; ', window_start IS NULL, window_start, label) AS window_list
FROM windowed
WHERE loaded <> api_total
GROUP BY ALL
