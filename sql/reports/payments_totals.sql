-- name: payments_totals
-- title.en: Payments by method
-- title.zh: 收款方式合计
-- description.en: The database's own sums of the payments of the range's revenue orders, by method.
-- description.zh: 数据库对所选范围内收入订单收款的直接合计，按支付方式。
-- table: main.payments
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.payments: Payments
-- label.zh.payments: 收款笔数
SELECT
    source,
    account,
    method_name,
    method_code,
    currency,
    count(*) AS payments,
    sum(amount) AS amount,
    sum(discount_amount) AS discount_amount
FROM main.payments
WHERE (source, account, order_id) IN (SELECT source, account, order_id FROM classified_orders()
    WHERE flow = 'revenue' AND standing <> 'deleted'
      AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
)
GROUP BY ALL
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST, method_name NULLS LAST, method_code NULLS LAST
