-- name: run_accounts
-- title.en: Accounts
-- title.zh: 各来源账户
-- description.en: How the latest run ended for every account that was ever pulled. stated is the total that the vendor gave, over the windows for which it gave one; fetched counts a record once however often its window was read; loaded = inserted + updated + unchanged.
-- description.zh: 最近一次运行在每个账户上的结果。来源所报仅含给出总数的窗口；取回为去重后的记录数（窗口重复读取只计一次）；入库 = 新增 + 更新 + 未变。
-- table: audit.extracts
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
WITH last_run AS (
    SELECT run_id FROM audit.runs ORDER BY started_at DESC, run_id DESC LIMIT 1
),
accounts AS (
    SELECT DISTINCT source, account FROM audit.extracts
),
streams AS (
    SELECT
        source,
        account,
        stream,
        sum(api_total) AS stated,
        sum(distinct_rows) FILTER (api_total IS NOT NULL) AS stated_fetched,
        sum(distinct_rows) AS distinct_rows,
        sum(coalesce(inserted, 0) + coalesce(updated, 0) + coalesce(unchanged, 0)) AS loaded,
        sum(rejected) AS rejected,
        max(CASE state WHEN 'failed' THEN 2 WHEN 'unreconciled' THEN 1 ELSE 0 END) AS trouble,
        string_agg(DISTINCT nullif(message, ''), '; ' ORDER BY nullif(message, '')) AS message
    FROM audit.extracts
    JOIN last_run USING (run_id)
    GROUP BY source, account, stream
),
states AS (
    SELECT
        source,
        account,
        sum(stated)::BIGINT AS stated,
        sum(stated_fetched)::BIGINT AS stated_fetched,
        sum(distinct_rows)::BIGINT AS fetched,
        sum(loaded)::BIGINT AS loaded,
        sum(rejected)::BIGINT AS rejected,
        max(trouble) AS trouble,
        string_agg(
            stream || ' ' || coalesce(distinct_rows, 0) || CASE WHEN stated IS NULL THEN '' ELSE ' / ' || stated END,
            ' · ' ORDER BY stream) AS streams,
        string_agg(message, '; ' ORDER BY stream) AS message
    FROM streams
    GROUP BY source, account
)
SELECT
    a.source,
    a.account,
    s.stated,
    s.stated_fetched,
    s.fetched,
    s.loaded,
    s.rejected,
    CASE WHEN s.source IS NULL THEN 'not_pulled'
         WHEN s.trouble = 2 THEN 'failed'
         WHEN s.trouble = 1 THEN 'unreconciled'
         ELSE 'complete' END AS state,
    s.message,
    s.streams
FROM accounts a
LEFT JOIN states s ON s.source = a.source AND s.account = a.account
ORDER BY a.source, a.account
