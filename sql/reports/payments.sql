-- name: payments
-- title.en: Payments
-- title.zh: 收款方式
-- description.en: The payments of the revenue orders of the range, by method, for sources that list them (soms). The business date is that of the order. Orders that the source no longer holds do not count.
-- description.zh: 所选范围内收入订单的收款，按支付方式汇总（仅含提供支付明细的来源，soms）；营业日期为订单的营业日期；来源已删除的订单不计入。
-- table: main.payments
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.business_date: Business date
-- label.zh.business_date: 营业日期
-- label.en.payments: Payments
-- label.zh.payments: 收款笔数
-- values.payment_status: payment_status
-- width.currency: 9
SELECT
    o.business_date,
    p.source,
    p.account,
    p.method_name,
    p.method_code,
    o.payment_status,
    p.currency,
    count(*) AS payments,
    sum(p.amount) AS amount,
    sum(p.discount_amount) AS discount_amount
FROM main.payments p
JOIN classified_orders() o USING (source, account, order_id)
WHERE o.flow = 'revenue' AND o.standing <> 'deleted'
  AND o.business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY ALL
ORDER BY p.currency NULLS LAST, p.source NULLS LAST, p.account NULLS LAST, p.method_name NULLS LAST, p.method_code NULLS LAST, o.business_date DESC, o.payment_status NULLS LAST
