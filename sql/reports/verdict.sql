-- name: verdict
-- title.en: What the verdict weighs
-- title.zh: 结论依据
-- description.en: What the verdict of a book weighs besides coverage and breaks, as counts with their money by flow and currency: the orders of its dates, orders that have no business date, and what a replay could not make again.
-- description.zh: 除覆盖情况和差异外，结论所依据的事项，按资金方向和币种列出笔数与金额：所选日期的订单、没有营业日期的订单，以及重放未能恢复的内容。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.fact: Fact
-- label.zh.fact: 事项
-- label.en.number: Number
-- label.zh.number: 数量
-- label.en.amount: Net amount
-- label.zh.amount: 净额
-- values.flow: flow
SELECT 'orders' AS fact, flow, currency, count(*) AS number, sum(net_amount) AS amount
FROM main.orders
WHERE deleted_at IS NULL AND business_date BETWEEN $date_from::DATE AND $date_to::DATE
GROUP BY flow, currency
UNION ALL
SELECT 'undated', flow, currency, count(*), sum(net_amount)
FROM main.orders
WHERE deleted_at IS NULL AND business_date IS NULL
GROUP BY flow, currency
UNION ALL
SELECT 'refused', NULL, NULL, count(*), NULL
FROM (SELECT DISTINCT source, account, stream, record_key FROM audit.exceptions WHERE kind = 'reject')
HAVING count(*) > 0
UNION ALL
-- What a replay could not make again and no later reading has made good.
SELECT 'lost', NULL, NULL, count(*), NULL
FROM audit.losses l
WHERE coalesce(l.date_from, $date_to::DATE) <= $date_to::DATE AND coalesce(l.date_to, $date_from::DATE) >= $date_from::DATE
    AND (l.lost_entry_id IS NOT NULL OR EXISTS (
        SELECT 1 FROM coverage($date_from::DATE, $date_to::DATE, forever()) c
        WHERE c.state = 'unreconciled' AND coalesce(l.source, c.source) = c.source AND coalesce(l.account, c.account) = c.account
    ))
HAVING count(*) > 0
ORDER BY fact NULLS LAST, flow NULLS LAST, currency NULLS LAST
