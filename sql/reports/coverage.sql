-- name: coverage
-- title.en: Coverage
-- title.zh: 数据覆盖情况
-- description.en: How the data of each account stands on the dates of the book, one row for each state with its dates and the latest run on which it rests. Every other figure of the book is as good as this.
-- description.zh: 所选日期内各账户的数据状态：每种状态一行，列出日期及所依据的最近一次运行。其余数字均以此为前提。
-- table: audit.extracts
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.days: Days
-- label.zh.days: 天数
-- label.en.dates: Dates
-- label.zh.dates: 日期
-- values.state: state
WITH days AS (
    SELECT *,
        business_date - row_number() OVER (PARTITION BY source, account, state ORDER BY business_date NULLS LAST)::INTEGER AS island
    FROM coverage($date_from::DATE, $date_to::DATE, forever())
),
islands AS (
    SELECT source, account, state, min(business_date) AS first_date, count(*) AS days,
        min(business_date)::STRING || CASE WHEN count(*) > 1 THEN ' – ' || max(business_date)::STRING ELSE '' END AS dates
    FROM days
    GROUP BY source, account, state, island
),
states AS (
    SELECT source, account, state, sum(days)::BIGINT AS days,
        first_texts(dates, 3, ', ', first_date) || CASE WHEN count(*) > 3 THEN ', …' ELSE '' END AS dates
    FROM islands
    GROUP BY source, account, state
),
runs AS (
    SELECT d.source, d.account, d.state, last_by(d.run_id, r.started_at) AS run_id, max(r.started_at) AS started_at
    FROM days d
    JOIN audit.runs r USING (run_id)
    GROUP BY d.source, d.account, d.state
)
SELECT s.source, s.account, s.state, s.days, s.dates, r.run_id, r.started_at
FROM states s
LEFT JOIN runs r USING (source, account, state)
ORDER BY CASE s.state WHEN 'failed' THEN 1 WHEN 'not_pulled' THEN 2 WHEN 'not_over' THEN 3 WHEN 'unreconciled' THEN 4 ELSE 5 END, s.source NULLS LAST, s.account NULLS LAST
