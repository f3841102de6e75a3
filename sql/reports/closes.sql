-- name: closes
-- title.en: Closed months
-- title.zh: 已关账月份
-- description.en: Every close of a month: when, by whom, after which run, why it was forced where it was, and how many restatements there have been since. A month that was opened again says when, by whom and why; it is no closed one, unless it was closed anew.
-- description.zh: 各月份的每次关账：关账时间、关账人、所依据的运行、强制关账的原因，以及其后的追溯调整笔数。已反关账的月份列明反关账时间、反关账人及原因；除非重新关账，不再视为已关账。
-- table: audit.closes
-- label.en.period: Month
-- label.zh.period: 月份
-- label.en.closed_at: Closed at
-- label.zh.closed_at: 关账时间
-- label.en.reason: Forced because
-- label.zh.reason: 强制关账原因
-- label.en.reopened_at: Reopened at
-- label.zh.reopened_at: 反关账时间
-- label.en.reopened_by: Reopened by
-- label.zh.reopened_by: 反关账人
-- label.en.reopen_reason: Reopened because
-- label.zh.reopen_reason: 反关账原因
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
    c.reason,
    c.comment,
    o.reopened_at,
    o.reopened_by,
    o.reason AS reopen_reason,
    -- Of a close that no longer stands there are none.
    CASE WHEN o.entry_id IS NULL THEN (SELECT count(*) FROM restatements() r WHERE r.period = c.period) END AS restatements
FROM audit.closes c
LEFT JOIN audit.reopens o ON o.close_entry_id = c.entry_id
ORDER BY c.period NULLS LAST, c.closed_at NULLS LAST
