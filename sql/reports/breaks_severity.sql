-- name: breaks_severity
-- title.en: Breaks by severity
-- title.zh: 按级别统计的差异
-- description.en: Breaks of the dates of the book, those carried forward from earlier dates and not accepted, and those without a date, by severity, flow and currency, which are never added up. What finance has accepted is counted apart and is not in the sums.
-- description.zh: 本期差异、前期结转（未接受）的差异及无日期的差异，按级别、资金方向和币种统计，互不相加；财务已接受的单列，不计入合计。
-- table: recon.breaks
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.section: Section
-- label.zh.section: 所属
-- label.en.flow: Flow
-- label.zh.flow: 资金方向
-- values.section: break_section
-- values.flow: flow
-- label.en.open_breaks: Open
-- label.zh.open_breaks: 未处理
-- label.en.explained_breaks: Explained
-- label.zh.explained_breaks: 已说明
-- label.en.accepted_breaks: Accepted
-- label.zh.accepted_breaks: 已接受
-- label.en.open_difference: Open, Σ difference
-- label.zh.open_difference: 未处理差异合计
-- label.en.explained_difference: Explained, Σ difference
-- label.zh.explained_difference: 已说明差异合计
-- label.en.accepted_difference: Accepted, Σ difference
-- label.zh.accepted_difference: 已接受差异合计
-- label.en.difference: Σ difference
-- label.zh.difference: 差异合计
-- label.en.absolute: Σ absolute
-- label.zh.absolute: 差异绝对值合计
-- label.en.oldest: Oldest, days
-- label.zh.oldest: 最长账龄（天）
-- param.timezone: text = UTC
-- values.severity: severity
WITH as_of AS (
    SELECT max(started_at) AS instant FROM audit.runs
)
SELECT
    section,
    severity,
    flow,
    currency,
    count(*) FILTER (WHERE status = 'open') AS open_breaks,
    count(*) FILTER (WHERE status = 'explained') AS explained_breaks,
    count(*) FILTER (WHERE status = 'accepted') AS accepted_breaks,
    -- Null where no break states an amount, as of two statuses that differ.
    sum(stated_difference(expected, actual, difference)) FILTER (WHERE status = 'open') AS open_difference,
    sum(stated_difference(expected, actual, difference)) FILTER (WHERE status = 'explained') AS explained_difference,
    sum(stated_difference(expected, actual, difference)) FILTER (WHERE status = 'accepted') AS accepted_difference,
    sum(stated_difference(expected, actual, difference)) FILTER (WHERE status <> 'accepted') AS difference,
    sum(abs(stated_difference(expected, actual, difference))) FILTER (WHERE status <> 'accepted') AS absolute,
    max(days_between(local_date($timezone, as_of.instant), business_date)) FILTER (WHERE status <> 'accepted') AS oldest
FROM book_breaks($date_from::DATE, $date_to::DATE)
CROSS JOIN as_of
GROUP BY section, severity, flow, currency
ORDER BY CASE section WHEN 'book' THEN 1 WHEN 'carried_forward' THEN 2 ELSE 3 END,
    CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
    CASE flow WHEN 'revenue' THEN 1 WHEN 'cost' THEN 2 WHEN 'memo' THEN 3 ELSE 4 END, currency NULLS LAST
