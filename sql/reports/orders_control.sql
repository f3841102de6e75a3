-- name: orders_control
-- title.en: Control of the orders sheet
-- title.zh: 订单明细核对
-- description.en: The database's own count and sums of every order of the range, by flow and currency. Flows are never added up.
-- description.zh: 数据库对所选范围全部订单的计数和合计，按资金方向和币种；不同方向不相加。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- values.flow: flow
SELECT
    flow,
    currency,
    count(*) AS orders,
    coalesce(sum(gross_amount), 0) AS gross_amount,
    coalesce(sum(net_amount), 0) AS net_amount,
    coalesce(sum(paid_amount), 0) AS paid_amount
FROM main.orders
WHERE business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY flow, currency
ORDER BY CASE flow WHEN 'revenue' THEN 1 WHEN 'cost' THEN 2 WHEN 'memo' THEN 3 ELSE 4 END, currency
