-- name: settlement
-- title.en: Settlement
-- title.zh: 平台结算
-- description.en: What the platforms settle for the retail orders of the range (soms), by platform and store. The settlement should be what the customer paid plus the platform's subsidy. Compared are orders whose payments are listed, whose discounts say who bears them, and whose settlement is stated and not merely the amount due; difference = compared - expected.
-- description.zh: 所选范围内零售订单（soms）的平台结算，按平台和门店汇总。结算金额应等于客户实付加平台补贴。仅核对有支付明细、优惠承担方明确、且平台给出结算金额（而非默认取应付金额）的订单；差额 = 可核对结算 − 应结。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.channel: Platform
-- label.zh.channel: 平台
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.customer_amount: Customer paid
-- label.zh.customer_amount: 客户实付
-- label.en.platform_amount: Platform subsidy
-- label.zh.platform_amount: 平台补贴
-- label.en.merchant_amount: Merchant discount
-- label.zh.merchant_amount: 商家优惠
-- label.en.compared_orders: Orders compared
-- label.zh.compared_orders: 可核对订单数
-- label.en.compared_amount: Of which compared
-- label.zh.compared_amount: 其中可核对
-- label.en.expected_amount: Expected settlement
-- label.zh.expected_amount: 应结金额
-- label.en.difference: Difference
-- label.zh.difference: 差额
-- values.status: order_status
-- width.store: 16
-- print_to: difference
-- width.currency: 9
WITH sold AS (
    SELECT * FROM classified_orders()
    WHERE source = 'soms' AND flow = 'revenue' AND standing <> 'deleted'
      AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
),
paid AS (
    SELECT p.source, p.account, p.order_id,
        sum(p.amount) FILTER (WHERE p.currency IS NOT DISTINCT FROM o.currency) AS amount,
        bool_and(p.amount IS NOT NULL AND p.currency IS NOT NULL AND p.currency IS NOT DISTINCT FROM o.currency) AS is_known
    FROM main.payments p
    JOIN sold o USING (source, account, order_id)
    GROUP BY p.source, p.account, p.order_id
),
-- The same promotion can stand on the order and, in parts, on its items: the
-- order's are taken where it has any.
shares AS (
    SELECT d.source, d.account, d.order_id, d.platform_amount, d.merchant_amount,
        d.currency IS NOT NULL AND d.currency IS NOT DISTINCT FROM o.currency AS is_currency,
        d.amount = 0 OR coalesce(d.merchant_amount, d.platform_amount, d.agent_amount) IS NOT NULL AS has_bearer,
        d.level = 'order' OR NOT coalesce(bool_or(d.level = 'order') OVER (PARTITION BY d.source, d.account, d.order_id), false) AS is_taken
    FROM main.discounts d
    JOIN sold o USING (source, account, order_id)
),
subsidy AS (
    SELECT source, account, order_id,
        sum(platform_amount) FILTER (WHERE is_currency) AS platform_amount,
        sum(merchant_amount) FILTER (WHERE is_currency) AS merchant_amount,
        coalesce(bool_and(has_bearer AND is_currency), false) AS is_known
    FROM shares
    WHERE is_taken
    GROUP BY source, account, order_id
),
compared AS (
    SELECT o.source, o.account, o.business_date, o.channel, o.store_name, o.store_id, o.currency, o.settle_amount, o.commission_amount, o.freight_amount,
        CASE WHEN o.standing = 'refunded' THEN 'refunded' ELSE o.status END AS status, p.amount AS customer_amount, s.platform_amount, s.merchant_amount,
        -- Without a settlement of its own an order shows the amount due, and
        -- nothing tells the two apart until it may be settled.
        coalesce(p.is_known AND coalesce(s.is_known, true) AND o.settle_amount IS NOT NULL
            AND (o.settle_amount IS DISTINCT FROM o.net_amount OR t.settlable), false) AS is_compared
    FROM sold o
    LEFT JOIN paid p USING (source, account, order_id)
    LEFT JOIN subsidy s USING (source, account, order_id)
    LEFT JOIN main.settlements t USING (source, account, order_id)
)
SELECT
    business_date,
    channel,
    coalesce(store_name, store_id) AS store,
    currency,
    count(*) AS orders,
    sum(customer_amount) AS customer_amount,
    sum(platform_amount) AS platform_amount,
    sum(settle_amount) AS settle_amount,
    sum(settle_amount) FILTER (WHERE is_compared) AS compared_amount,
    sum(customer_amount + coalesce(platform_amount, 0)) FILTER (WHERE is_compared) AS expected_amount,
    sum(settle_amount - customer_amount - coalesce(platform_amount, 0)) FILTER (WHERE is_compared) AS difference,
    account,
    source,
    status,
    sum(merchant_amount) AS merchant_amount,
    sum(commission_amount) AS commission_amount,
    sum(freight_amount) AS freight_amount,
    count(*) FILTER (WHERE is_compared) AS compared_orders
FROM compared
GROUP BY ALL
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST, channel NULLS LAST, store NULLS LAST, business_date DESC, status NULLS LAST
