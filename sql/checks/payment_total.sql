-- rule: payment_total
-- severity: error
-- title.en: Payments
-- title.zh: 收款合计
-- compares.en: sum of the payments with the amount due, once the order is paid in full (soms)
-- compares.zh: 付全款订单的各笔收款合计与应付总金额（soms）
-- tolerance: 0.01
-- explain.en: the payments ({payments}) come to {actual}, but {expected} is due: differs by {difference}
-- explain.zh: {payments}笔收款合计为{actual}，而应付总金额为{expected}：相差{difference}
-- component.freight_amount.en: the freight
-- component.freight_amount.zh: 运费
-- component.packaging_amount.en: the packaging
-- component.packaging_amount.zh: 包装费
-- component.other_amount.en: the other fees
-- component.other_amount.zh: 其他费用
-- component.payment_discount_amount.en: the discount of the means of payment
-- component.payment_discount_amount.zh: 支付优惠
-- component.platform_amount.en: the platform's subsidy
-- component.platform_amount.zh: 平台补贴
-- component.payment_amount.en: payment {matching_line} by {matching_method}
-- component.payment_amount.zh: 第{matching_line}笔收款（{matching_method}）

-- The vendor says of such an order that it is paid in full (付全款). One whose
-- payments it does not list is not compared, nor one with a payment whose
-- amount is missing or in another currency.
WITH paid AS (
    SELECT
        p.source, p.account, p.order_id,
        count(*) AS payments,
        bool_and(p.amount IS NOT NULL AND p.currency IS NOT DISTINCT FROM o.currency) AS known,
        sum(p.amount) AS amount,
        sum(p.discount_amount) AS payment_discount_amount
    FROM payments p
    JOIN orders o USING (source, account, order_id)
    WHERE o.source = 'soms'
        AND o.deleted_at IS NULL
        AND o.payment_status = 'paid'
        AND o.net_amount IS NOT NULL
    GROUP BY ALL
),
different AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.order_no, o.status,
        o.net_amount AS expected, p.amount AS actual, p.payments, p.payment_discount_amount,
        o.freight_amount, o.packaging_amount, o.other_amount
    FROM orders o
    JOIN paid p USING (source, account, order_id)
    WHERE p.known AND p.amount <> o.net_amount
),
-- The payment that alone makes up the difference, if there is just one; of a
-- single payment there is nothing to say.
matching AS (
    SELECT d.source, d.account, d.order_id, min(p.line_no) AS matching_line,
        min(p.method_name) AS matching_method, min(abs(p.amount)) AS payment_amount
    FROM different d
    JOIN payments p USING (source, account, order_id)
    WHERE d.payments > 1 AND abs(p.amount) = abs(d.actual - d.expected)
    GROUP BY ALL
    HAVING count(*) = 1
),
-- Where the order itself has promotions, those of its items are their parts.
subsidy AS (
    SELECT source, account, order_id,
        coalesce(sum(platform_amount) FILTER (WHERE level = 'order'), sum(platform_amount) FILTER (WHERE NOT has_order_level)) AS platform_amount
    FROM (
        SELECT t.*, bool_or(level = 'order') OVER (PARTITION BY source, account, order_id) AS has_order_level
        FROM discounts t
        SEMI JOIN different d USING (source, account, order_id)
    )
    GROUP BY ALL
)
SELECT
    d.source, d.account, d.order_id, d.business_date,
    d.expected, d.actual, d.currency,
    d.order_no, d.status, d.payments,
    d.freight_amount, d.packaging_amount, d.other_amount,
    d.payment_discount_amount, s.platform_amount,
    m.matching_line, m.matching_method, m.payment_amount
FROM different d
LEFT JOIN subsidy s USING (source, account, order_id)
LEFT JOIN matching m USING (source, account, order_id)
