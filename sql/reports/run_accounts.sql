-- name: run_accounts
-- title.en: Accounts
-- title.zh: 各来源账户
-- description.en: How the data of each account stands on the dates of the book, and the figures of the run on which that rests. stated is the total that the vendor gave, over the windows for which it gave one; fetched counts a record once however often its window was read; loaded = inserted + updated + unchanged.
-- description.zh: 所选日期内各账户的数据状态，以及所依据运行的数字。来源所报仅含给出总数的窗口；取回为去重后的记录数（窗口重复读取只计一次）；入库 = 新增 + 更新 + 未变。
-- table: audit.extracts
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.complete_days: Days complete
-- label.zh.complete_days: 完整天数
-- label.en.started_at: Rests on the run of
-- label.zh.started_at: 所依据运行
-- label.en.stated: Stated
-- label.zh.stated: 来源所报
-- label.en.stated_fetched: Of it fetched
-- label.zh.stated_fetched: 对应取回
-- label.en.fetched: Fetched
-- label.zh.fetched: 取回
-- label.en.loaded: Loaded
-- label.zh.loaded: 入库
-- label.en.streams: Streams (distinct / stated)
-- label.zh.streams: 数据流（去重 / 所报）
-- values.state: state
WITH days AS (
    SELECT c.*, r.started_at,
        CASE c.state WHEN 'failed' THEN 1 WHEN 'not_pulled' THEN 2 WHEN 'not_over' THEN 3 WHEN 'unreconciled' THEN 4 ELSE 5 END AS rank
    FROM coverage($date_from::DATE, $date_to::DATE, forever()) c
    LEFT JOIN audit.runs r USING (run_id)
),
accounts AS (
    SELECT source, account,
        count(*) FILTER (WHERE state = 'complete') || ' / ' || count(*) AS complete_days,
        first_by(state, rank) AS state
    FROM days
    GROUP BY source, account
),
-- The worst date tells whose message is wanted; among equals the latest run.
rests AS (
    SELECT source, account, run_id, started_at
    FROM (
        SELECT *, row_number() OVER (PARTITION BY source, account ORDER BY rank NULLS LAST, started_at DESC, run_id DESC) AS nth
        FROM days WHERE run_id IS NOT NULL
    ) d
    WHERE nth = 1
),
streams AS (
    SELECT
        e.source,
        e.account,
        stream,
        sum(api_total) AS stated,
        sum(distinct_rows) FILTER (WHERE api_total IS NOT NULL) AS stated_fetched,
        sum(distinct_rows) AS distinct_rows,
        sum(coalesce(inserted, 0) + coalesce(updated, 0) + coalesce(unchanged, 0)) AS loaded,
        distinct_text(nullif(message, ''), '; ') AS message
    FROM audit.extracts e
    JOIN rests r ON r.source = e.source AND r.account = e.account AND r.run_id = e.run_id
    GROUP BY e.source, e.account, stream
),
figures AS (
    SELECT
        source,
        account,
        sum(stated)::BIGINT AS stated,
        sum(stated_fetched)::BIGINT AS stated_fetched,
        sum(distinct_rows)::BIGINT AS fetched,
        sum(loaded)::BIGINT AS loaded,
        ordered_text(stream || ' ' || coalesce(distinct_rows, 0) || CASE WHEN stated IS NULL THEN '' ELSE ' / ' || stated END, ' · ', stream NULLS LAST) AS streams,
        ordered_text(message, '; ', stream NULLS LAST) AS message
    FROM streams
    GROUP BY source, account
)
SELECT
    a.source,
    a.account,
    a.state,
    a.complete_days,
    r.run_id,
    r.started_at,
    f.stated,
    f.stated_fetched,
    f.fetched,
    f.loaded,
    CASE WHEN f.source IS NOT NULL THEN coalesce(x.rejected, 0) END AS rejected,
    f.message,
    f.streams
FROM accounts a
LEFT JOIN rests r USING (source, account)
LEFT JOIN figures f USING (source, account)
LEFT JOIN refused() x ON x.source = r.source AND x.account = r.account AND x.run_id = r.run_id
ORDER BY a.source NULLS LAST, a.account NULLS LAST
