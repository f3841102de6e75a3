-- name: outstanding
-- title.en: Outstanding
-- title.zh: 未收款
-- description.en: Stays and orders that are not paid in full on the day date_to, all business dates up to it; canceled, closed, refunded and deleted ones do not count. The age is counted in days to date_to. outstanding = net due - paid.
-- description.zh: 截至 date_to 未收足的住宿和订单（含此前全部营业日）；已取消、已关闭、已退款及来源已删除的不计入。账龄按天计至 date_to。未收款 = 应付 − 实付。
-- table: main.orders
-- param.date_to: date = last_complete
-- label.en.age: Age
-- label.zh.age: 账龄
-- label.en.days: Age, days
-- label.zh.days: 账龄（天）
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- values.age: age
-- values.kind: kind
-- values.status: order_status
-- values.payment_status: payment_status
-- width.store: 18
-- width.currency: 9
SELECT
    age_of(days) AS age,
    days,
    business_date,
    account,
    kind,
    order_id,
    coalesce(store_name, store_id) AS store,
    room_no,
    status,
    currency,
    net_amount,
    paid_amount,
    outstanding_amount,
    source,
    order_no,
    payment_status
FROM (SELECT *, days_between($date_to::DATE, business_date) AS days FROM classified_orders())
WHERE flow = 'revenue'
  AND standing = 'live'
  AND payment_status IN ('unpaid', 'partial')
  AND coalesce(days, 0) >= 0
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST, days DESC NULLS FIRST, outstanding_amount DESC NULLS LAST, order_id NULLS LAST
