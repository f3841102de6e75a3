-- name: revenue
-- title.en: Revenue
-- title.zh: 营收
-- description.en: Flow revenue only, by business date, source, account, store, channel, status, standing and currency. Revenue is what has standing live; canceled and closed orders stand apart, and so do orders with a refund, of which no source states how much it was. Orders that the source no longer holds do not count.
-- description.zh: 仅含收入方向，按营业日、来源、账户、门店、渠道、状态、归类、币种汇总；归类为有效者即营收；取消及关闭的订单单列；含退款的订单单列，退款金额各来源均未提供；来源已删除的订单不计入。
-- table: main.orders
-- param.date_from: date = last_complete - 30
-- param.date_to: date = last_complete
-- label.en.store: Store
-- label.zh.store: 门店
-- label.en.standing: Standing
-- label.zh.standing: 归类
-- label.en.orders: Orders
-- label.zh.orders: 订单数
-- label.en.fees_amount: Freight and fees
-- label.zh.fees_amount: 运费及其他
-- label.en.outstanding_amount: Outstanding
-- label.zh.outstanding_amount: 未收款
-- values.status: order_status
-- values.standing: standing
-- width.store: 14
-- width.standing: 9
-- print_to: outstanding_amount
-- width.currency: 9
SELECT
    business_date,
    source,
    account,
    coalesce(store_name, store_id) AS store,
    channel,
    status,
    standing,
    currency,
    count(*) AS orders,
    sum(gross_amount) AS gross_amount,
    sum(discount_amount) AS discount_amount,
    sum(coalesce(freight_amount, 0) + coalesce(packaging_amount, 0) + coalesce(other_amount, 0)) FILTER (WHERE
        freight_amount IS NOT NULL OR packaging_amount IS NOT NULL OR other_amount IS NOT NULL
    ) AS fees_amount,
    sum(net_amount) AS net_amount,
    sum(paid_amount) AS paid_amount,
    sum_stated(sum(outstanding_amount), count(*) FILTER (WHERE standing = 'live' AND payment_status IS NULL)) AS outstanding_amount
FROM classified_orders()
WHERE flow = 'revenue'
  AND standing <> 'deleted'
  AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY ALL
ORDER BY business_date DESC, source NULLS LAST, account NULLS LAST, store NULLS LAST, channel NULLS LAST, status NULLS LAST, standing NULLS LAST, currency NULLS LAST
