-- rule: courier_fee
-- severity: error
-- title.en: Courier fee
-- title.zh: 配送费用
-- compares.en: 1 carriage with weight + distance; 2 payable with before − preferential; 3 total of tips with Σ tips (or with the tip at creation besides); 4 number of tips (guoxiaodi)
-- compares.zh: 1 运费与重量费+里程费；2 支付费用与优惠前应付−优惠；3 小费总额与各笔小费之和（或另加下单小费）；4 小费次数（guoxiaodi）
-- tolerance: 0.01
-- explain.carriage.en: carriage is stated as {actual}, but weight {weight_amount} + distance {distance_amount} is {expected}: differs by {difference}
-- explain.carriage.zh: 运费为{actual}，而重量费{weight_amount}+里程费{distance_amount}应为{expected}：相差{difference}
-- explain.payable.en: payable is stated as {actual}, but {gross_amount} less preferential {discount_amount} is {expected}: differs by {difference}
-- explain.payable.zh: 支付费用为{actual}，而优惠前应付{gross_amount}减优惠{discount_amount}应为{expected}：相差{difference}
-- explain.tips.en: tips are stated as {actual}, but those listed ({tips_listed}) come to {tips_amount} (tip at creation: {creation_tip_amount}): differs by {difference}
-- explain.tips.zh: 小费总额为{actual}，而{tips_listed}笔小费合计{tips_amount}（下单小费：{creation_tip_amount}）：相差{difference}
-- explain.tip_count.en: the number of tips is stated as {tip_count}, but {tips_listed} are listed
-- explain.tip_count.zh: 小费次数为{tip_count}，而列出{tips_listed}笔
-- component.surcharge_amount.en: the surcharge
-- component.surcharge_amount.zh: 溢价
-- component.special_amount.en: the special delivery fee
-- component.special_amount.zh: 专送费用
-- component.discount_amount.en: the preferential amount
-- component.discount_amount.zh: 优惠金额
-- component.creation_tip_amount.en: the tip at creation
-- component.creation_tip_amount.zh: 下单小费

-- Tips are compared where the vendor was asked for them, which the stated
-- count shows. Its total may or may not hold the tip given when the order was
-- placed; where that one is not known, any surplus could be it, and only a
-- total below the listed tips is a break.
WITH tip_sum AS (
    SELECT source, account, order_id, count(*) AS listed, count(amount) AS known, sum(amount) AS amount
    FROM delivery_tips
    WHERE source = 'guoxiaodi'
    GROUP BY ALL
),
courier AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.status,
        o.freight_amount, o.gross_amount, o.discount_amount, o.net_amount,
        d.weight_amount, d.distance_amount, d.surcharge_amount, d.special_amount,
        d.tip_amount, d.creation_tip_amount, d.tip_count,
        coalesce(t.listed, 0) AS tips_listed,
        CASE WHEN t.listed IS NULL THEN 0 WHEN t.known = t.listed THEN t.amount END AS tips_amount
    FROM orders o
    LEFT JOIN deliveries d USING (source, account, order_id)
    LEFT JOIN tip_sum t USING (source, account, order_id)
    WHERE o.source = 'guoxiaodi' AND o.deleted_at IS NULL
),
compared AS (
    SELECT 1 AS line_no, 'carriage' AS variant, c.currency AS of_currency,
        c.weight_amount + c.distance_amount AS expected, c.freight_amount AS actual, c.*
    FROM courier c
    UNION ALL
    SELECT 2 AS line_no, 'payable' AS variant, c.currency AS of_currency,
        c.gross_amount - c.discount_amount AS expected, c.net_amount AS actual, c.*
    FROM courier c
    UNION ALL
    SELECT 3 AS line_no, 'tips' AS variant, c.currency AS of_currency,
        CASE
            WHEN abs(c.tip_amount - c.tips_amount - c.creation_tip_amount) <= 0.01 THEN c.tips_amount + c.creation_tip_amount
            WHEN c.creation_tip_amount IS NULL AND c.tip_amount > c.tips_amount THEN c.tip_amount
            ELSE c.tips_amount
        END AS expected,
        c.tip_amount AS actual, c.*
    FROM courier c
    WHERE c.tip_count IS NOT NULL AND c.tips_amount IS NOT NULL
    UNION ALL
    SELECT 4 AS line_no, 'tip_count' AS variant, NULL AS of_currency,
        c.tips_listed::DECIMAL(18,4) AS expected, c.tip_count::DECIMAL(18,4) AS actual, c.*
    FROM courier c
)
SELECT
    source, account, order_id, line_no, business_date,
    expected, actual, of_currency AS currency, variant,
    status, freight_amount, weight_amount, distance_amount,
    gross_amount, discount_amount, net_amount, surcharge_amount, special_amount,
    tip_amount, creation_tip_amount, tips_amount, tip_count, tips_listed
FROM compared
WHERE expected IS NOT NULL AND actual IS NOT NULL
