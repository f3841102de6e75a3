-- name: calendar
-- title.en: Calendar
-- title.zh: 十四日日历
-- description.en: The state of the data of each account for the 14 business dates up to date_to. A date is complete when it was over and every stream of the account was read up to its end without a gap, and what was read of it last agreed.
-- description.zh: 截至 date_to 的十四个营业日内每个账户的数据状态。营业日已结束，且该账户各数据流已无间断读取至该日结束、最近一次读取全部相符，即为完整。
-- table: audit.extracts
-- param.date_to: date = last_complete
-- label.en.day: Date
-- label.zh.day: 日期
-- values.state: state
SELECT source, account, business_date AS day, state
FROM coverage($date_to::DATE - 13, $date_to::DATE, forever())
ORDER BY source NULLS LAST, account NULLS LAST, day NULLS LAST
