-- name: revenue
-- title.en: Revenue
-- title.zh: 营收
-- description.en: Flow revenue only, by business date, source, account, store, channel, status and currency. Refunded orders stand apart. Orders that the source no longer holds do not count.
-- description.zh: 仅含收入方向，按营业日、来源、账户、门店、渠道、状态、币种汇总；已退款订单单列；来源已删除的订单不计入。
-- table: main.orders
-- param.date_from: date = last_complete - 30
-- param.date_to: date = last_complete
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.refunded: Refunded
-- label.zh.refunded: 是否退款
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.fees_amount: Freight and fees
-- label.zh.fees_amount: 运费及其他
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- values.status: order_status
-- values.refunded: refunded
-- width.store: 22
SELECT
    business_date,
    source,
    account,
    coalesce(store_name, store_id) AS store,
    channel,
    status,
    CASE WHEN status = 'refunded' OR refund_status = 'refunded' THEN 'refunded' ELSE 'none' END AS refunded,
    currency,
    count(*) AS orders,
    sum(gross_amount) AS gross_amount,
    sum(discount_amount) AS discount_amount,
    sum(coalesce(freight_amount, 0) + coalesce(packaging_amount, 0) + coalesce(other_amount, 0)) FILTER (
        freight_amount IS NOT NULL OR packaging_amount IS NOT NULL OR other_amount IS NOT NULL
    ) AS fees_amount,
    sum(net_amount) AS net_amount,
    sum(paid_amount) AS paid_amount,
    sum(net_amount - coalesce(paid_amount, 0)) FILTER (
        payment_status IN ('unpaid', 'partial')
        AND coalesce(status, '') NOT IN ('canceled', 'closed', 'refunded')
        AND coalesce(refund_status, '') <> 'refunded'
    ) AS outstanding_amount
FROM main.orders
WHERE flow = 'revenue'
  AND deleted_at IS NULL
  AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY ALL
ORDER BY business_date DESC, source, account, store, channel, status, refunded, currency
