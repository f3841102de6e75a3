-- name: payments_orders
-- title.en: Payments against orders
-- title.zh: 收款与订单核对
-- description.en: The revenue orders of the range that have payments listed, by payment status: what is due and what the payments in the order's currency come to. difference = payments - due; it should be zero for what is paid in full. Orders without listed payments stand in orders_without.
-- description.zh: 所选范围内有支付明细来源的收入订单，按支付状态：应付金额与订单币种收款合计。差额 = 收款 − 应付；已付款订单应为零。无支付明细的订单数单列。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.standing: Standing
-- label.zh.standing: 归类
-- label.en.orders_without: Orders without payments
-- label.zh.orders_without: 无支付明细订单数
-- label.en.orders: Orders with payments
-- label.zh.orders: 有支付明细订单数
-- label.en.amount: Payments
-- label.zh.amount: 收款金额
-- label.en.difference: Difference
-- label.zh.difference: 差额
-- values.payment_status: payment_status
-- values.standing: standing
WITH paid AS (
    SELECT p.source, p.account, p.order_id, coalesce(sum(p.amount) FILTER (WHERE p.currency IS NOT DISTINCT FROM o.currency), 0) AS amount
    FROM main.payments p
    JOIN main.orders o USING (source, account, order_id)
    GROUP BY ALL
),
compared AS (
    SELECT
        o.source,
        o.account,
        o.payment_status,
        o.standing,
        o.currency,
        count(*) FILTER (WHERE p.order_id IS NULL) AS orders_without,
        count(p.order_id) AS orders,
        coalesce(sum(o.net_amount) FILTER (WHERE p.order_id IS NOT NULL), 0) AS net_amount,
        coalesce(sum(p.amount), 0) AS amount,
        coalesce(sum(p.amount), 0) - coalesce(sum(o.net_amount) FILTER (WHERE p.order_id IS NOT NULL), 0) AS difference
    FROM classified_orders() o
    LEFT JOIN paid p ON p.source = o.source AND p.account = o.account AND p.order_id = o.order_id
    WHERE o.flow = 'revenue' AND o.standing <> 'deleted'
      AND o.business_date BETWEEN $date_from::DATE AND $date_to::DATE
      -- Of sources that list payments at all.
      AND (o.source, o.account) IN (SELECT source, account FROM main.payments)
    GROUP BY ALL
)
SELECT * FROM compared
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST, CASE payment_status WHEN 'paid' THEN 1 WHEN 'partial' THEN 2 WHEN 'unpaid' THEN 3 ELSE 4 END, payment_status NULLS LAST, standing NULLS LAST
