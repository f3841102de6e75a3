-- name: orders
-- title.en: Orders
-- title.zh: 订单明细
-- description.en: Every order of the range, one row each, all flows. The sums of this sheet are those of the database.
-- description.zh: 所选范围内的全部订单，每单一行，包含所有资金方向；本表合计与数据库一致。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.store: Store
-- label.zh.store: 门店
-- print_to: settle_amount
-- width.store: 16
-- width.order_id: 20
-- values.flow: flow
-- values.kind: kind
-- values.status: order_status
-- values.payment_status: payment_status
-- values.refund_status: refund_status
-- values.standing: standing
-- label.en.standing: Standing
-- label.zh.standing: 归类
-- width.currency: 9
SELECT
    business_date,
    account,
    flow,
    kind,
    order_id,
    coalesce(store_name, store_id) AS store,
    channel,
    status,
    currency,
    gross_amount,
    net_amount,
    paid_amount,
    settle_amount,
    source,
    payment_status,
    discount_amount,
    refund_status,
    standing,
    order_no,
    room_no,
    freight_amount,
    packaging_amount,
    other_amount,
    commission_amount,
    tip_amount,
    deduction_amount,
    quantity,
    created_at,
    finished_at,
    deleted_at
FROM classified_orders()
WHERE business_date BETWEEN $date_from::DATE AND $date_to::DATE
ORDER BY business_date DESC, source NULLS LAST, account NULLS LAST, created_at NULLS LAST, order_id NULLS LAST
