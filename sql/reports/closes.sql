-- name: closes
-- title.en: Closed months
-- title.zh: 已关账月份
-- description.en: The months that were closed, when, by whom and after which run, and how many restatements there have been since.
-- description.zh: 已关账的月份、关账时间、关账人、所依据的运行，以及其后的追溯调整笔数。
-- table: audit.closes
-- label.en.period: Month
-- label.zh.period: 月份
-- label.en.closed_at: Closed at
-- label.zh.closed_at: 关账时间
-- label.en.restatements: Restatements since
-- label.zh.restatements: 其后追溯调整
SELECT
    c.period,
    c.date_from,
    c.date_to,
    c.closed_at,
    c.closed_by,
    c.run_id,
    c.missing,
    c.comment,
    (SELECT count(*) FROM main.restatements r WHERE r.period = c.period) AS restatements
FROM audit.closes c
ORDER BY c.period
