-- name: revenue_days
-- title.en: Revenue by day
-- title.zh: 每日营收
-- description.en: The database's own sums of flow revenue for every business date of the range and every currency, canceled and closed orders apart, and orders with a refund apart, with what was due. Days without orders are listed with zero, up to the day of the last run.
-- description.zh: 数据库按营业日和币种直接汇总的收入，取消及关闭的订单单列，含退款的订单按应付金额单列；无订单的日期以零列出，截至最近一次运行当日。
-- table: main.orders
-- param.date_from: date = last_complete - 30
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.fees_amount: Freight and fees
-- label.zh.fees_amount: 运费及其他
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
WITH revenue AS (
    SELECT * FROM classified_orders()
    WHERE flow = 'revenue'
      AND standing <> 'deleted'
      AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
),
-- Days that have not come yet are no days without orders.
last_day AS (
    SELECT least($date_to::DATE, greatest(
        (SELECT max(business_date) FROM revenue),
        (SELECT max(local_date(coalesce(m.timezone, 'UTC'), r.started_at)) FROM audit.runs r CROSS JOIN audit.meta m)
    )) AS business_date
),
days AS (
    SELECT business_date FROM dates($date_from::DATE, (SELECT business_date FROM last_day)) d
),
grid AS (
    SELECT d.business_date, c.currency
    FROM days d CROSS JOIN (SELECT DISTINCT currency FROM revenue) c
)
SELECT
    g.business_date,
    g.currency,
    count(r.order_id) FILTER (WHERE r.standing = 'live') AS orders,
    sum_stated(sum(r.gross_amount) FILTER (WHERE r.standing = 'live'), count(r.order_id) FILTER (WHERE r.standing = 'live')) AS gross_amount,
    sum_stated(sum(r.discount_amount) FILTER (WHERE r.standing = 'live'), count(r.order_id) FILTER (WHERE r.standing = 'live')) AS discount_amount,
    sum_stated(
        sum(coalesce(r.freight_amount, 0) + coalesce(r.packaging_amount, 0) + coalesce(r.other_amount, 0)) FILTER (WHERE
            r.standing = 'live' AND coalesce(r.freight_amount, r.packaging_amount, r.other_amount) IS NOT NULL
        ),
        count(r.order_id) FILTER (WHERE r.standing = 'live')
    ) AS fees_amount,
    sum_stated(sum(r.net_amount) FILTER (WHERE r.standing = 'live'), count(r.order_id) FILTER (WHERE r.standing = 'live')) AS net_amount,
    sum_stated(sum(r.paid_amount) FILTER (WHERE r.standing = 'live'), count(r.order_id) FILTER (WHERE r.standing = 'live')) AS paid_amount,
    sum_stated(sum(r.outstanding_amount), count(r.order_id) FILTER (WHERE r.standing = 'live' AND r.payment_status IS NULL)) AS outstanding_amount,
    count(r.order_id) FILTER (WHERE r.standing = 'canceled') AS canceled_orders,
    sum_stated(sum(r.net_amount) FILTER (WHERE r.standing = 'canceled'), count(r.order_id) FILTER (WHERE r.standing = 'canceled')) AS canceled_amount,
    count(r.order_id) FILTER (WHERE r.standing = 'refunded') AS refunded_orders,
    sum_stated(sum(r.net_amount) FILTER (WHERE r.standing = 'refunded'), count(r.order_id) FILTER (WHERE r.standing = 'refunded')) AS refunded_amount
FROM grid g
LEFT JOIN revenue r ON r.business_date = g.business_date AND r.currency IS NOT DISTINCT FROM g.currency
GROUP BY g.business_date, g.currency
ORDER BY g.business_date DESC, g.currency NULLS LAST
