-- name: outstanding_totals
-- title.en: Outstanding by age
-- title.zh: 未收款账龄
-- description.en: The database's own sums of what is not paid in full on the day date_to, by account, currency and age in days.
-- description.zh: 数据库对截至 date_to 未收款的直接合计，按账户、币种和账龄（天）。
-- table: main.orders
-- param.date_to: date = last_complete
-- label.en.age: Age
-- label.zh.age: 账龄
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- values.age: age
SELECT
    source,
    account,
    currency,
    age_of(days) AS age,
    count(*) AS orders,
    coalesce(sum(net_amount), 0) AS net_amount,
    coalesce(sum(paid_amount), 0) AS paid_amount,
    coalesce(sum(outstanding_amount), 0) AS outstanding_amount
FROM (SELECT *, days_between($date_to::DATE, business_date) AS days FROM classified_orders())
WHERE flow = 'revenue'
  AND standing = 'live'
  AND payment_status IN ('unpaid', 'partial')
  AND coalesce(days, 0) >= 0
GROUP BY source, account, currency, age, age_from(days)
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST, age_from(days) NULLS LAST
