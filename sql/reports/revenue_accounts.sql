-- name: revenue_accounts
-- title.en: Revenue by account
-- title.zh: 各账户营收
-- description.en: Flow revenue of the range by source, account and currency. Canceled and closed orders stand apart, and so do orders with a refund, with what was due: how much was refunded no source states.
-- description.zh: 所选范围内各来源、账户、币种的收入；取消及关闭的订单单列；含退款的订单按应付金额单列，退款金额各来源均未提供。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.canceled_orders: Canceled orders
-- label.zh.canceled_orders: 取消及关闭订单数
-- label.en.canceled_amount: Canceled, apart
-- label.zh.canceled_amount: 取消及关闭（单列）
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- label.en.refunded_orders: Orders with a refund
-- label.zh.refunded_orders: 含退款订单数
-- label.en.refunded_amount: With a refund, apart
-- label.zh.refunded_amount: 含退款订单应付（单列）
SELECT
    currency,
    source,
    account,
    count(*) FILTER (WHERE standing = 'live') AS orders,
    -- An amount that the source states of none of them is null; that of no order
    -- is nothing.
    sum_stated(sum(gross_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS gross_amount,
    sum_stated(sum(discount_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS discount_amount,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS net_amount,
    sum_stated(sum(paid_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS paid_amount,
    sum_stated(sum(outstanding_amount), count(*) FILTER (WHERE standing = 'live' AND payment_status IS NULL)) AS outstanding_amount,
    count(*) FILTER (WHERE standing = 'canceled') AS canceled_orders,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'canceled'), count(*) FILTER (WHERE standing = 'canceled')) AS canceled_amount,
    count(*) FILTER (WHERE standing = 'refunded') AS refunded_orders,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'refunded'), count(*) FILTER (WHERE standing = 'refunded')) AS refunded_amount
FROM classified_orders()
WHERE flow = 'revenue'
  AND standing <> 'deleted'
  AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY currency, source, account
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST
