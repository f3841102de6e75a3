-- rule: undated
-- severity: error
-- title.en: Order without a date
-- title.zh: 无营业日期的订单
-- compares.en: each order with the business date that it must stand on (all sources)
-- compares.zh: 各订单是否有营业日期（所有来源）
-- explain.en: no time of it can be read, so it stands on no business date: {amount} {currency} ({flow}) is in no figure by date
-- explain.zh: 没有可识别的时间，无法归入营业日期：{amount} {currency}（{flow}）未计入任何按日统计

-- The amount is what is due, else what was paid, else before discounts.
SELECT
    source, account, order_id, business_date,
    NULL::DECIMAL(18,4) AS expected, NULL::DECIMAL(18,4) AS actual, currency,
    'missing_left' AS reason,
    coalesce(net_amount, paid_amount, gross_amount) AS amount,
    flow, kind, status, order_no
FROM orders
WHERE business_date IS NULL
