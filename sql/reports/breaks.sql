-- name: breaks
-- title.en: Breaks
-- title.zh: 差异
-- description.en: What does not add up in the dates of the book, what is carried forward from earlier dates and not accepted, and what has no date: each break that still holds, oldest and largest first. difference = actual - expected; actual is what the vendor states. age_days counts from the business date, seen_days from the run that found it first, both to the latest run.
-- description.zh: 对不上的账：本期差异、前期结转（未接受）的差异及无日期的差异，仅列仍然成立者，先旧后新，同日由大到小。差异 = 实际 − 应为；实际为来源所报。账龄自营业日起算，发现至今自首次发现的运行起算，均计至最近一次运行。
-- table: recon.breaks
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.section: Section
-- label.zh.section: 所属
-- label.en.flow: Flow
-- label.zh.flow: 资金方向
-- values.section: break_section
-- values.flow: flow
-- param.timezone: text = UTC
-- param.language: text = en
-- label.en.title: Check
-- label.zh.title: 核对项
-- label.en.order_ref: Order
-- label.zh.order_ref: 订单
-- label.en.counterpart: Counterpart
-- label.zh.counterpart: 对方订单
-- label.en.explanation: Explanation
-- label.zh.explanation: 说明
-- label.en.age_days: Age, days
-- label.zh.age_days: 账龄（天）
-- label.en.seen_days: Known for, days
-- label.zh.seen_days: 发现至今（天）
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.mark: Mark
-- label.zh.mark: 标记
-- format.mark: hidden
-- values.severity: severity
-- values.reason: reason
-- values.status: break_status
-- print_to: comment
-- width.title: 13
-- width.order_ref: 14
-- width.explanation: 31
-- width.comment: 14
-- width.owner: 10
-- width.status: 10
-- width.break_id: 12
-- width.currency: 9
-- width.severity: 9
WITH as_of AS (
    -- The age of a break is counted to the run, not to the clock: the same
    -- database gives the same figures.
    SELECT max(started_at) AS instant FROM audit.runs
)
SELECT
    b.severity,
    CASE WHEN $language = 'zh' THEN r.title_zh ELSE r.title_en END AS title,
    b.order_id AS order_ref,
    b.business_date,
    days_between(local_date($timezone, as_of.instant), b.business_date) AS age_days,
    b.currency,
    b.expected,
    b.actual,
    stated_difference(b.expected, b.actual, b.difference) AS difference,
    CASE WHEN $language = 'zh' THEN b.explanation_zh ELSE b.explanation_en END AS explanation,
    b.status,
    b.owner,
    b.comment,
    b.section,
    b.flow,
    b.source,
    b.account,
    coalesce(o.store_name, o.store_id) AS store,
    o.channel,
    b.reason,
    days_between(local_date($timezone, as_of.instant), local_date($timezone, b.first_seen)) AS seen_days,
    b.first_seen,
    b.line_no,
    nullif(concat_ws(' / ', b.right_source, b.right_account, b.right_order_id), '') AS counterpart,
    b.rule,
    b.break_id,
    -- By this mark annotate tells what was changed in the workbook.
    break_mark(b.status, b.owner, b.comment, b.expected, b.actual, b.difference, b.currency) AS mark
FROM book_breaks($date_from::DATE, $date_to::DATE) b
CROSS JOIN as_of
LEFT JOIN recon.rules r ON r.rule = b.rule
LEFT JOIN main.orders o ON o.source = b.source AND o.account = b.account AND o.order_id = b.order_id
ORDER BY CASE b.section WHEN 'book' THEN 1 WHEN 'carried_forward' THEN 2 ELSE 3 END, age_days DESC NULLS LAST, seen_days DESC, abs(stated_difference(b.expected, b.actual, b.difference)) DESC NULLS LAST, b.rule NULLS LAST, b.source NULLS LAST, b.account NULLS LAST, b.order_id NULLS LAST, b.line_no NULLS LAST, b.break_id NULLS LAST
