-- name: calendar
-- title.en: Calendar
-- title.zh: 十四日日历
-- description.en: The state of the data of each account for the 14 days up to date_to. A day is complete when a run that began after the day's end read a window that covers it and everything agreed. The latest run that answered decides; a run that failed counts only where no other covers the day.
-- description.zh: 截至 date_to 的十四天内每个账户的数据状态。某日结束之后开始的运行读取了覆盖该日的窗口且全部相符，即为完整；以最近一次有结果的运行为准，仅当无其他运行覆盖该日时才计失败。
-- table: audit.extracts
-- param.date_to: date = last_complete
-- param.timezone: text = UTC
-- label.en.day: Date
-- label.zh.day: 日期
-- values.state: state
WITH days AS (
    SELECT day::DATE AS day,
        timezone($timezone, day::TIMESTAMP) AS begins,
        timezone($timezone, (day + INTERVAL 1 DAY)::TIMESTAMP) AS ends
    FROM (SELECT unnest(generate_series($date_to::DATE - 13, $date_to::DATE, INTERVAL 1 DAY)) AS day)
),
accounts AS (
    SELECT DISTINCT source, account FROM audit.extracts
),
attempts AS (
    SELECT d.day, e.source, e.account, r.run_id, r.started_at,
        max(CASE e.state WHEN 'failed' THEN 2 WHEN 'unreconciled' THEN 1 ELSE 0 END) AS trouble
    FROM days d
    JOIN audit.runs r ON r.started_at >= d.ends
    JOIN audit.extracts e ON e.run_id = r.run_id
        AND (e.window_start IS NULL OR e.window_start < d.ends)
        AND (e.window_end IS NULL OR e.window_end > d.begins)
    GROUP BY d.day, e.source, e.account, r.run_id, r.started_at
),
latest AS (
    SELECT day, source, account, trouble
    FROM attempts
    QUALIFY row_number() OVER (
        PARTITION BY day, source, account
        ORDER BY trouble = 2, started_at DESC, run_id DESC) = 1
)
SELECT
    a.source,
    a.account,
    d.day,
    CASE l.trouble WHEN 0 THEN 'complete' WHEN 1 THEN 'unreconciled' WHEN 2 THEN 'failed' ELSE 'not_pulled' END AS state
FROM accounts a
CROSS JOIN days d
LEFT JOIN latest l ON l.source = a.source AND l.account = a.account AND l.day = d.day
ORDER BY a.source, a.account, d.day
