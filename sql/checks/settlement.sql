-- rule: settlement
-- severity: error
-- title.en: Settlement
-- title.zh: 平台结算
-- compares.en: settlement with what the customer paid (Σ payments) + the platform's subsidy (soms)
-- compares.zh: 平台结算金额与客户实付（各笔收款合计）+平台优惠补贴（soms）
-- tolerance: 0.01
-- explain.en: settled {actual}, expected {expected} (paid {paid_amount} + platform subsidy {platform_amount}): differs by {difference}
-- explain.zh: 结算{actual}，应为{expected}（实付{paid_amount}+平台补贴{platform_amount}）：相差{difference}
-- component.promotion_amount.en: the platform subsidy of promotion {promotion}
-- component.promotion_amount.zh: 促销{promotion}的平台补贴
-- component.subsidies_amount.en: the platform's subsidies of all promotions
-- component.subsidies_amount.zh: 各项促销的平台补贴合计
-- component.commission_amount.en: the commission
-- component.commission_amount.zh: 平台佣金
-- component.performance_fee_amount.en: the performance fee
-- component.performance_fee_amount.zh: 履约服务费
-- component.freight_amount.en: the freight
-- component.freight_amount.zh: 运费
-- component.packaging_amount.en: the packaging
-- component.packaging_amount.zh: 包装费
-- component.other_amount.en: the other fees
-- component.other_amount.zh: 其他费用
-- component.merchant_amount.en: the merchant's share of the discounts
-- component.merchant_amount.zh: 商家承担的优惠
-- component.agent_amount.en: the agent's share of the discounts
-- component.agent_amount.zh: 代理商承担的优惠

-- The formula is the vendor's (SOMS interface document, 2.40). It holds of orders whose
-- payments are listed with their amounts, and whose discounts say who bears
-- them; all in the order's currency.
--
-- An empty settlement means the amount due (ibid.), and nothing tells the two
-- apart here. Before an order may be settled its settlement is often empty:
-- one that equals the amount due is no statement until then.
WITH paid AS (
    SELECT source, account, order_id, sum(amount) AS amount, min(currency) AS currency
    FROM payments
    WHERE source = 'soms'
    GROUP BY ALL
    HAVING count(*) = count(amount) AND count(*) = count(currency) AND min(currency) = max(currency)
),
-- The same promotion can stand on the order and, in parts, on its items: the
-- order's are taken where it has any.
bearer AS (
    SELECT
        source, account, order_id, level, currency, platform_amount,
        amount = 0 OR coalesce(merchant_amount, platform_amount, agent_amount) IS NOT NULL AS is_known
    FROM discounts
    WHERE source = 'soms'
),
subsidy AS (
    SELECT
        source, account, order_id,
        CASE WHEN count(currency) = count(*) AND min(currency) = max(currency) THEN min(currency) END AS currency,
        coalesce(bool_or(level = 'order'), false) AS of_order,
        CASE WHEN of_order THEN sum(platform_amount) FILTER (WHERE level = 'order') ELSE sum(platform_amount) END AS amount,
        CASE WHEN of_order THEN bool_and(is_known) FILTER (WHERE level = 'order') ELSE bool_and(is_known) END AS has_bearers
    FROM bearer
    GROUP BY source, account, order_id
),
different AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.order_no, o.channel, o.status,
        o.settle_amount AS actual, p.amount AS paid_amount, coalesce(s.amount, 0) AS platform_amount,
        o.commission_amount, o.freight_amount, o.packaging_amount, o.other_amount,
        t.performance_fee_amount, t.settle_date, s.of_order
    FROM orders o
    JOIN paid p USING (source, account, order_id)
    LEFT JOIN subsidy s USING (source, account, order_id)
    LEFT JOIN settlements t USING (source, account, order_id)
    WHERE o.source = 'soms'
        AND o.deleted_at IS NULL
        AND o.settle_amount <> p.amount + coalesce(s.amount, 0)
        AND (o.settle_amount IS DISTINCT FROM o.net_amount OR t.settlable)
        AND p.currency = o.currency
        AND (s.order_id IS NULL OR s.has_bearers AND s.currency = o.currency)
),
promoted AS (
    SELECT
        t.source, t.account, t.order_id, coalesce(t.promotion_id, t.promotion_name) AS promotion,
        sum(t.merchant_amount) AS merchant_amount, sum(t.platform_amount) AS platform_amount, sum(t.agent_amount) AS agent_amount
    FROM discounts t
    JOIN different d USING (source, account, order_id)
    WHERE NOT d.of_order OR t.level = 'order'
    GROUP BY ALL
),
-- The promotion, if just one, whose subsidy makes up the difference.
share AS (
    SELECT
        source, account, order_id,
        CASE WHEN count(*) FILTER (WHERE is_difference) = 1 THEN min(promotion) FILTER (WHERE is_difference) END AS promotion,
        CASE WHEN count(*) FILTER (WHERE is_difference) = 1 THEN min(platform_amount) FILTER (WHERE is_difference) END AS promotion_amount,
        count(*) FILTER (WHERE platform_amount <> 0) AS promotions,
        sum(merchant_amount) AS merchant_amount, sum(agent_amount) AS agent_amount
    FROM (
        SELECT m.*, abs(m.platform_amount) = abs(d.actual - d.paid_amount - d.platform_amount) AS is_difference
        FROM promoted m
        JOIN different d USING (source, account, order_id)
    )
    GROUP BY source, account, order_id
)
SELECT
    d.source, d.account, d.order_id, d.business_date,
    d.paid_amount + d.platform_amount AS expected, d.actual, d.currency,
    d.order_no, d.channel, d.status, d.settle_date, d.paid_amount, d.platform_amount,
    s.promotion, s.promotion_amount,
    CASE WHEN s.promotions > 1 THEN d.platform_amount END AS subsidies_amount,
    d.commission_amount, d.performance_fee_amount, d.freight_amount, d.packaging_amount, d.other_amount,
    -- Platform and merchant often bear halves: what is missing is the platform's.
    CASE WHEN s.promotion_amount IS NULL AND abs(d.actual - d.paid_amount - d.platform_amount) <> d.platform_amount
        THEN s.merchant_amount END AS merchant_amount,
    s.agent_amount
FROM different d
LEFT JOIN share s USING (source, account, order_id)
