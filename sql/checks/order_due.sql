-- rule: order_due
-- severity: info
-- candidate: true
-- title.en: Amount due
-- title.zh: 订单应付
-- compares.en: amount due with goods + freight + packaging + other fees (soms; our reading, the vendor states no formula)
-- compares.zh: 应付总金额与商品+运费+包装费+其他费用（soms；本系统的理解，来源未给出公式）
-- tolerance: 0.01
-- explain.en: {actual} is due, but goods {goods_amount} + freight {freight_amount} + packaging {packaging_amount} + other fees {other_amount} are {expected}: differs by {difference}
-- explain.zh: 应付总金额为{actual}，而商品{goods_amount}+运费{freight_amount}+包装费{packaging_amount}+其他费用{other_amount}应为{expected}：相差{difference}
-- component.freight_amount.en: the freight
-- component.freight_amount.zh: 运费
-- component.packaging_amount.en: the packaging
-- component.packaging_amount.zh: 包装费
-- component.other_amount.en: the other fees
-- component.other_amount.zh: 其他费用
-- component.address_change_amount.en: the fee for the changed address
-- component.address_change_amount.zh: 改址费
-- component.discount_amount.en: the order's discounts
-- component.discount_amount.zh: 订单优惠

-- Of the five amounts the vendor requires all but the other fees (SOMS interface
-- document, 2.95): where these are not stated there are none.
SELECT
    o.source, o.account, o.order_id, o.business_date,
    o.goods_amount + o.freight_amount + o.packaging_amount + coalesce(o.other_amount, 0) AS expected,
    o.net_amount AS actual,
    o.currency,
    o.order_no, o.status, o.goods_amount, o.freight_amount, o.packaging_amount, o.other_amount,
    s.address_change_amount, o.discount_amount
FROM orders o
LEFT JOIN settlements s USING (source, account, order_id)
WHERE o.source = 'soms'
    AND o.deleted_at IS NULL
    AND o.net_amount IS NOT NULL
    AND o.goods_amount IS NOT NULL
    AND o.freight_amount IS NOT NULL
    AND o.packaging_amount IS NOT NULL
