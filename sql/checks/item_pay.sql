-- rule: item_pay
-- severity: error
-- title.en: Line payment
-- title.zh: 商品行实付
-- compares.en: payment of each line of goods with its total − its share of the order's discounts − its own discount (soms)
-- compares.zh: 每行商品的实付金额与商品金额−整单优惠分摊−单品优惠（soms）
-- tolerance: 0.01
-- explain.en: line {line_no} is paid {actual}, but {total_amount} − apportioned {apportioned_discount_amount} − discount {discount_amount} is {expected}: differs by {difference}
-- explain.zh: 第{line_no}行实付为{actual}，而金额{total_amount}−分摊{apportioned_discount_amount}−优惠{discount_amount}应为{expected}：相差{difference}
-- component.discount_amount.en: the line's own discount
-- component.discount_amount.zh: 该行的单品优惠
-- component.apportioned_discount_amount.en: the line's share of the order's discounts
-- component.apportioned_discount_amount.zh: 该行的分摊优惠
-- component.piece_amount.en: the price of one piece
-- component.piece_amount.zh: 一件的单价

-- The vendor documents the formula and requires all four fields
-- (docs/sources/soms.md, Identities): where one is missing there is nothing to
-- compare, and plausibility says so.
--
-- A single piece that was given away has a discount of its price: that is the
-- discount then, and not one piece too many.
SELECT
    i.source, i.account, i.order_id, i.line_no,
    o.business_date,
    i.total_amount - i.apportioned_discount_amount - i.discount_amount AS expected,
    i.pay_amount AS actual,
    i.currency,
    CASE WHEN i.unit_price NOT IN (i.discount_amount, i.apportioned_discount_amount) THEN i.unit_price END AS piece_amount,
    i.title, i.unit_price, i.quantity, i.is_gift,
    i.total_amount, i.discount_amount, i.apportioned_discount_amount
FROM order_items i
JOIN orders o USING (source, account, order_id)
WHERE i.source = 'soms'
    AND o.deleted_at IS NULL
    AND i.total_amount IS NOT NULL
    AND i.apportioned_discount_amount IS NOT NULL
    AND i.discount_amount IS NOT NULL
    AND i.pay_amount IS NOT NULL
