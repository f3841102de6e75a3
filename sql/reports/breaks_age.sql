-- name: breaks_age
-- title.en: Open breaks by age
-- title.zh: 未处理差异账龄
-- description.en: Breaks of the book, those carried forward and those without a date, that are open or explained, by age in days at the latest run.
-- description.zh: 本期、前期结转及无日期的差异中未处理及已说明者，按截至最近一次运行的账龄统计。
-- table: recon.breaks
-- label.en.age: Age, days
-- label.zh.age: 账龄（天）
-- label.en.error: Error
-- label.zh.error: 错误
-- label.en.warning: Warning
-- label.zh.warning: 警告
-- label.en.info: Info
-- label.zh.info: 提示
-- param.timezone: text = UTC
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
WITH as_of AS (
    SELECT max(started_at) AS instant FROM audit.runs
),
buckets(position, age, first_day, last_day) AS (
    VALUES (1, '0–1', 0, 1), (2, '2–7', 2, 7), (3, '8–30', 8, 30), (4, '31–90', 31, 90), (5, '90+', 91, NULL)
),
ages AS (
    SELECT severity,
        greatest(timezone($timezone, as_of.instant)::DATE - timezone($timezone, first_seen)::DATE, 0) AS days
    FROM recon.book_breaks($date_from::DATE, $date_to::DATE)
    CROSS JOIN as_of
    WHERE status IN ('open', 'explained')
)
SELECT
    b.age,
    count(a.days) FILTER (a.severity = 'error') AS error,
    count(a.days) FILTER (a.severity = 'warning') AS warning,
    count(a.days) FILTER (a.severity = 'info') AS info
FROM buckets b
LEFT JOIN ages a ON a.days >= b.first_day AND a.days <= coalesce(b.last_day, a.days)
GROUP BY b.position, b.age
ORDER BY b.position
