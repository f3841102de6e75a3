-- name: orders_control
-- title.en: Control of the orders sheet
-- title.zh: 订单明细核对
-- description.en: The database's own count and sums of every order of the range, by flow, standing and currency. Flows are never added up; revenue is what is live of flow revenue.
-- description.zh: 数据库对所选范围全部订单的计数和合计，按资金方向、归类和币种；不同方向不相加；收入方向中归类为有效者即营收。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- values.flow: flow
-- label.en.standing: Standing
-- label.zh.standing: 归类
-- values.standing: standing
SELECT
    flow,
    standing,
    currency,
    count(*) AS orders,
    coalesce(sum(gross_amount), 0) AS gross_amount,
    coalesce(sum(net_amount), 0) AS net_amount,
    coalesce(sum(paid_amount), 0) AS paid_amount
FROM classified_orders()
WHERE business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY flow, standing, currency
ORDER BY CASE flow WHEN 'revenue' THEN 1 WHEN 'cost' THEN 2 WHEN 'memo' THEN 3 ELSE 4 END,
    CASE standing WHEN 'live' THEN 1 WHEN 'canceled' THEN 2 WHEN 'refunded' THEN 3 ELSE 4 END, currency NULLS LAST
