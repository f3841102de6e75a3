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
WITH ages(position, age, first_day, last_day) AS (
    VALUES (1, '0-7', 0, 7), (2, '8-30', 8, 30), (3, '31-90', 31, 90), (4, '90+', 91, 1000000), (5, 'unknown', NULL, NULL)
)
SELECT
    o.source,
    o.account,
    o.currency,
    a.age,
    count(*) AS orders,
    coalesce(sum(o.net_amount), 0) AS net_amount,
    coalesce(sum(o.paid_amount), 0) AS paid_amount,
    coalesce(sum(o.net_amount - coalesce(o.paid_amount, 0)), 0) AS outstanding_amount
FROM main.orders o
JOIN ages a ON $date_to::DATE - o.business_date BETWEEN a.first_day AND a.last_day OR o.business_date IS NULL AND a.first_day IS NULL
WHERE o.flow = 'revenue'
  AND o.deleted_at IS NULL
  AND o.payment_status IN ('unpaid', 'partial')
  AND (o.status IS NULL OR o.status NOT IN ('canceled', 'closed', 'refunded'))
  AND o.refund_status IS DISTINCT FROM 'refunded'
GROUP BY o.source, o.account, o.currency, a.position, a.age
ORDER BY o.currency, o.source, o.account, a.position
