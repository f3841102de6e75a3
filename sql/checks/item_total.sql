-- rule: item_total
-- severity: error
-- title.en: Line total
-- title.zh: 商品行金额
-- compares.en: total of each line of goods with its unit price × quantity (soms, tuya)
-- compares.zh: 每行商品的金额与单价×数量（soms、tuya）
-- tolerance: 0.01
-- explain.en: line {line_no} is stated as {actual}, but {unit_price} × {quantity} is {expected}: differs by {difference}
-- explain.zh: 第{line_no}行金额为{actual}，而单价{unit_price}×数量{quantity}应为{expected}：相差{difference}
-- component.discount_amount.en: the line's own discount
-- component.discount_amount.zh: 该行的单品优惠
-- component.apportioned_discount_amount.en: the line's share of the order's discounts
-- component.apportioned_discount_amount.zh: 该行的分摊优惠
-- component.unit_price.en: the price of one piece
-- component.unit_price.zh: 一件的单价

-- Each line is allowed 0.01: goods sold by weight are rounded to the cent.
-- The product is rounded to the four decimals of money before it is compared.
-- The cast is needed: DuckDB keeps a product of two DECIMAL(18) at 18 digits,
-- 12 of them decimals, and fails at a million.
SELECT
    i.source, i.account, i.order_id, i.line_no,
    o.business_date,
    i.unit_price::DECIMAL(38,6) * i.quantity AS expected,
    i.total_amount AS actual,
    i.currency,
    i.title, i.unit_price, i.quantity,
    i.discount_amount, i.apportioned_discount_amount, i.pay_amount
FROM order_items i
JOIN orders o USING (source, account, order_id)
WHERE i.source IN ('soms', 'tuya')
    AND o.deleted_at IS NULL
    AND i.unit_price IS NOT NULL
    AND i.quantity IS NOT NULL
    AND i.total_amount IS NOT NULL
