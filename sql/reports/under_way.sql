-- name: under_way
-- title.en: On its way
-- title.zh: 在途与进行中
-- description.en: Orders that were not finished when the latest run read them: bookings and guests in the house, deliveries on the road, orders being prepared, by account, kind and status. Of every business date, also of dates to come. Flows and currencies are never added up.
-- description.zh: 最近一次运行读取时尚未完成的订单：已预订及在住、配送途中、备货中，按账户、类型和状态。含全部营业日期，包括尚未到来的日期。不同资金方向、币种不相加。
-- table: main.orders
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.first_date: First date
-- label.zh.first_date: 最早日期
-- label.en.last_date: Last date
-- label.zh.last_date: 最晚日期
-- values.kind: kind
-- values.status: order_status
-- values.flow: flow
SELECT
    source,
    account,
    kind,
    status,
    flow,
    currency,
    count(*) AS orders,
    sum(net_amount) AS net_amount,
    min(business_date) AS first_date,
    max(business_date) AS last_date
FROM classified_orders()
WHERE standing = 'live'
  AND status IN ('pending', 'confirmed', 'in_progress')
GROUP BY source, account, kind, status, flow, currency
ORDER BY CASE flow WHEN 'revenue' THEN 1 WHEN 'cost' THEN 2 WHEN 'memo' THEN 3 ELSE 4 END, source NULLS LAST, account NULLS LAST, kind NULLS LAST,
    CASE status WHEN 'pending' THEN 1 WHEN 'confirmed' THEN 2 ELSE 3 END, currency NULLS LAST
