-- name: breaks_age
-- title.en: Open breaks by age
-- title.zh: 未处理差异账龄
-- description.en: Breaks of the book, those carried forward and those without a date, that are open or explained, by age in days from the business date to the latest run.
-- description.zh: 本期、前期结转及无日期的差异中未处理及已说明者，按账龄统计：自营业日计至最近一次运行。
-- table: recon.breaks
-- label.en.age: Age, days
-- label.zh.age: 账龄（天）
-- label.en.error: Error
-- label.zh.error: 错误
-- label.en.warning: Warning
-- label.zh.warning: 警告
-- label.en.info: Info
-- label.zh.info: 提示
-- label.en.first_day: From day
-- label.zh.first_day: 起始天数
-- label.en.last_day: To day
-- label.zh.last_day: 截止天数
-- values.age: age
-- param.timezone: text = UTC
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
WITH as_of AS (
    SELECT max(started_at) AS instant FROM audit.runs
),
buckets(position, age, first_day, last_day) AS (
    VALUES (1, '0–1', NULL, 1), (2, '2–7', 2, 7), (3, '8–30', 8, 30), (4, '31–90', 31, 90), (5, '90+', 91, NULL), (6, 'unknown', NULL, NULL)
),
ages AS (
    SELECT severity, days_between(local_date($timezone, as_of.instant), business_date) AS days
    FROM book_breaks($date_from::DATE, $date_to::DATE)
    CROSS JOIN as_of
    WHERE status IN ('open', 'explained')
)
SELECT
    b.age,
    b.first_day,
    b.last_day,
    count(a.severity) FILTER (WHERE a.severity = 'error') AS error,
    count(a.severity) FILTER (WHERE a.severity = 'warning') AS warning,
    count(a.severity) FILTER (WHERE a.severity = 'info') AS info
FROM buckets b
LEFT JOIN ages a ON CASE
    WHEN b.age = 'unknown' THEN a.days IS NULL
    ELSE a.days >= coalesce(b.first_day, a.days) AND a.days <= coalesce(b.last_day, a.days)
END
GROUP BY b.position, b.age, b.first_day, b.last_day
ORDER BY b.position NULLS LAST
