-- rule: order_goods
-- severity: error
-- title.en: Goods of the order
-- title.zh: 订单商品合计
-- compares.en: goods of the order with the sum of its lines: real_total with Σ pay_amount (soms), the order's amount with Σ line totals where there are lines (tuya)
-- compares.zh: 订单商品金额与各行合计：real_total 与 Σ pay_amount（soms），有商品行的订单金额与各行金额之和（tuya）
-- tolerance: 0.01
-- explain.soms.en: goods are stated as {actual}, but its lines ({lines}) come to {expected}: differs by {difference}
-- explain.soms.zh: 订单商品金额为{actual}，而{lines}行商品实付合计为{expected}：相差{difference}
-- explain.tuya.en: the order is stated as {actual}, but its lines ({lines}) come to {expected}: differs by {difference}
-- explain.tuya.zh: 订单金额为{actual}，而{lines}行商品合计为{expected}：相差{difference}
-- explain.no_lines.en: goods are stated as {actual}, but the order has no lines
-- explain.no_lines.zh: 订单商品金额为{actual}，但没有商品行
-- component.line_amount.en: line {matching_line}
-- component.line_amount.zh: 第{matching_line}行
-- component.freight_amount.en: the freight
-- component.freight_amount.zh: 运费
-- component.packaging_amount.en: the packaging
-- component.packaging_amount.zh: 包装费
-- component.other_amount.en: the other fees
-- component.other_amount.zh: 其他费用
-- component.discount_amount.en: the order's discounts
-- component.discount_amount.zh: 订单优惠

-- A line without an amount makes the sum unknown: such an order is left out
-- here and stands among the findings.
WITH line AS (
    SELECT
        source, account, order_id, line_no,
        CASE source WHEN 'soms' THEN pay_amount ELSE total_amount END AS amount
    FROM order_items
    WHERE source IN ('soms', 'tuya')
),
line_sum AS (
    SELECT source, account, order_id, count(*) AS lines, count(amount) AS known, sum(amount) AS amount
    FROM line
    GROUP BY ALL
),
compared AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency,
        s.lines,
        s.amount AS expected,
        CASE o.source WHEN 'soms' THEN o.goods_amount ELSE o.net_amount END AS actual,
        o.freight_amount, o.packaging_amount, o.other_amount, o.discount_amount
    FROM orders o
    LEFT JOIN line_sum s USING (source, account, order_id)
    WHERE o.source IN ('soms', 'tuya')
        AND o.deleted_at IS NULL
        AND CASE WHEN s.lines IS NULL THEN o.source = 'soms' AND o.goods_amount <> 0 ELSE s.known = s.lines END
),
-- The line, if only one, that alone makes up the difference.
matching AS (
    SELECT c.source, c.account, c.order_id, min(l.line_no) AS matching_line, min(abs(l.amount)) AS line_amount
    FROM compared c
    JOIN line l USING (source, account, order_id)
    WHERE c.actual <> c.expected AND abs(l.amount) = abs(c.actual - c.expected)
    GROUP BY ALL
    HAVING count(*) = 1
)
SELECT
    c.source, c.account, c.order_id, c.business_date,
    c.expected, c.actual, c.currency, c.lines,
    CASE WHEN c.lines IS NULL THEN 'no_lines' ELSE c.source END AS variant,
    m.matching_line, m.line_amount,
    c.freight_amount, c.packaging_amount, c.other_amount, c.discount_amount
FROM compared c
LEFT JOIN matching m USING (source, account, order_id)
WHERE c.actual IS NOT NULL
