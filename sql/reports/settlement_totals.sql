-- name: settlement_totals
-- title.en: Settlement by platform and store
-- title.zh: 平台结算合计
-- description.en: The database's own sums of the settlement of retail orders (soms), by platform and store.
-- description.zh: 数据库对零售订单（soms）结算数据的直接合计，按平台和门店。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.channel: Platform
-- label.zh.channel: 平台
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.customer_amount: Customer paid
-- label.zh.customer_amount: 客户实付
-- width.store: 22
SELECT
    o.source,
    o.account,
    o.channel,
    coalesce(o.store_name, o.store_id) AS store,
    o.currency,
    count(*) AS orders,
    sum((
        SELECT sum(p.amount) FROM main.payments p
        WHERE p.source = o.source AND p.account = o.account AND p.order_id = o.order_id AND p.currency IS NOT DISTINCT FROM o.currency
    )) AS customer_amount,
    sum(o.commission_amount) AS commission_amount,
    sum(o.freight_amount) AS freight_amount,
    sum(o.settle_amount) AS settle_amount
FROM classified_orders() o
WHERE o.source = 'soms' AND o.flow = 'revenue' AND o.standing <> 'deleted'
  AND o.business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY ALL
ORDER BY o.currency NULLS LAST, o.source NULLS LAST, o.account NULLS LAST, o.channel NULLS LAST, store NULLS LAST
