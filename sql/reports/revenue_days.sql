-- name: revenue_days
-- title.en: Revenue by day
-- title.zh: 每日营收
-- description.en: The database's own sums of flow revenue for every business date of the range and every currency, refunded orders apart. Days without orders are listed with zero, up to the day of the last run. canceled_amount is the part of net_amount that belongs to canceled and closed orders.
-- description.zh: 数据库按营业日和币种直接汇总的收入，已退款订单单列；无订单的日期以零列出，截至最近一次运行当日；其中取消及关闭为净额中属于取消、关闭订单的部分。
-- table: main.orders
-- param.date_from: date = last_complete - 30
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.fees_amount: Freight and fees
-- label.zh.fees_amount: 运费及其他
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
),
-- Days that have not come yet are no days without orders.
last_day AS (
    SELECT least($date_to::DATE, greatest(
        (SELECT max(business_date) FROM revenue),
        (SELECT max(timezone(coalesce(m.timezone, 'UTC'), r.started_at))::DATE FROM audit.runs r, audit.meta m)
    )) AS business_date
),
days AS (
    SELECT unnest(generate_series($date_from::DATE, (SELECT business_date FROM last_day), INTERVAL 1 DAY))::DATE AS business_date
),
grid AS (
    SELECT d.business_date, c.currency
    FROM days d CROSS JOIN (SELECT DISTINCT currency FROM revenue) c
)
SELECT
    g.business_date,
    g.currency,
    count(r.order_id) FILTER (NOT r.is_refunded) AS orders,
    coalesce(sum(r.gross_amount) FILTER (NOT r.is_refunded), 0) AS gross_amount,
    coalesce(sum(r.discount_amount) FILTER (NOT r.is_refunded), 0) AS discount_amount,
    coalesce(sum(coalesce(r.freight_amount, 0) + coalesce(r.packaging_amount, 0) + coalesce(r.other_amount, 0)) FILTER (NOT r.is_refunded), 0) AS fees_amount,
    coalesce(sum(r.net_amount) FILTER (NOT r.is_refunded), 0) AS net_amount,
    coalesce(sum(r.net_amount) FILTER (NOT r.is_refunded AND r.status IN ('canceled', 'closed')), 0) AS canceled_amount,
    coalesce(sum(r.paid_amount) FILTER (NOT r.is_refunded), 0) AS paid_amount,
    coalesce(sum(r.net_amount - coalesce(r.paid_amount, 0)) FILTER (
        NOT r.is_refunded
        AND r.payment_status IN ('unpaid', 'partial')
        AND coalesce(r.status, '') NOT IN ('canceled', 'closed')
    ), 0) AS outstanding_amount,
    count(r.order_id) FILTER (r.is_refunded) AS refunded_orders,
    coalesce(sum(r.net_amount) FILTER (r.is_refunded), 0) AS refunded_amount
FROM grid g
LEFT JOIN revenue r ON r.business_date = g.business_date AND r.currency IS NOT DISTINCT FROM g.currency
GROUP BY g.business_date, g.currency
ORDER BY g.business_date DESC, g.currency
