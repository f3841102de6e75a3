-- name: revenue_accounts
-- title.en: Revenue by account
-- title.zh: 各账户营收
-- description.en: Flow revenue of the range by source, account and currency; refunded orders apart. canceled_amount is the part of net_amount that belongs to canceled and closed orders.
-- description.zh: 所选范围内各来源、账户、币种的收入，已退款订单单列；其中取消及关闭为净额中属于取消、关闭订单的部分。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.canceled_amount: Of which canceled
-- label.zh.canceled_amount: 其中取消及关闭
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- label.en.refunded_orders: Refunded orders
-- label.zh.refunded_orders: 退款订单数
-- label.en.refunded_amount: Refunded, apart
-- label.zh.refunded_amount: 退款金额（单列）
WITH revenue AS (
    SELECT *,
        coalesce(status = 'refunded', false) OR coalesce(refund_status = 'refunded', false) AS is_refunded
    FROM main.orders
    WHERE flow = 'revenue'
      AND deleted_at IS NULL
      AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
)
SELECT
    currency,
    source,
    account,
    count(*) FILTER (NOT is_refunded) AS orders,
    coalesce(sum(gross_amount) FILTER (NOT is_refunded), 0) AS gross_amount,
    coalesce(sum(discount_amount) FILTER (NOT is_refunded), 0) AS discount_amount,
    coalesce(sum(net_amount) FILTER (NOT is_refunded), 0) AS net_amount,
    coalesce(sum(net_amount) FILTER (NOT is_refunded AND status IN ('canceled', 'closed')), 0) AS canceled_amount,
    coalesce(sum(paid_amount) FILTER (NOT is_refunded), 0) AS paid_amount,
    coalesce(sum(net_amount - coalesce(paid_amount, 0)) FILTER (
        NOT is_refunded
        AND payment_status IN ('unpaid', 'partial')
        AND coalesce(status, '') NOT IN ('canceled', 'closed')
    ), 0) AS outstanding_amount,
    count(*) FILTER (is_refunded) AS refunded_orders,
    coalesce(sum(net_amount) FILTER (is_refunded), 0) AS refunded_amount
FROM revenue
GROUP BY currency, source, account
ORDER BY currency, source, account
