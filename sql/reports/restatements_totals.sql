-- name: restatements_totals
-- title.en: Restated totals
-- title.zh: 追溯调整合计
-- description.en: The totals of every closed month that moved, by source, account, flow and currency: as closed, the effect of the restatements, and now. Flows and currencies are never added up. period limits it to one month, yyyy-MM.
-- description.zh: 每个已关账且发生变动的月份的合计，按来源、账户、资金方向、币种：关账数、追溯调整影响额、现数；不同资金方向、币种不相加。period 可限定某月，yyyy-MM。
-- table: main.orders
-- param.period: text =
-- label.en.period: Month
-- label.zh.period: 月份
-- label.en.orders_closed: Orders closed
-- label.zh.orders_closed: 关账订单数
-- label.en.orders_effect: Orders effect
-- label.zh.orders_effect: 订单数影响
-- label.en.orders_now: Orders now
-- label.zh.orders_now: 现订单数
-- label.en.gross_amount_closed: Gross closed
-- label.zh.gross_amount_closed: 关账原价金额
-- label.en.gross_amount_effect: Gross effect
-- label.zh.gross_amount_effect: 原价金额影响额
-- label.en.gross_amount_now: Gross now
-- label.zh.gross_amount_now: 现原价金额
-- label.en.net_amount_closed: Net due closed
-- label.zh.net_amount_closed: 关账应付金额
-- label.en.net_amount_effect: Net due effect
-- label.zh.net_amount_effect: 应付金额影响额
-- label.en.net_amount_now: Net due now
-- label.zh.net_amount_now: 现应付金额
-- label.en.paid_amount_closed: Paid closed
-- label.zh.paid_amount_closed: 关账实付金额
-- label.en.paid_amount_effect: Paid effect
-- label.zh.paid_amount_effect: 实付金额影响额
-- label.en.paid_amount_now: Paid now
-- label.zh.paid_amount_now: 现实付金额
-- label.en.settle_amount_closed: Settlement closed
-- label.zh.settle_amount_closed: 关账结算金额
-- label.en.settle_amount_effect: Settlement effect
-- label.zh.settle_amount_effect: 结算金额影响额
-- label.en.settle_amount_now: Settlement now
-- label.zh.settle_amount_now: 现结算金额
-- values.flow: flow
SELECT
    period,
    source,
    account,
    flow,
    currency,
    orders_closed,
    orders_effect,
    orders_now,
    gross_amount_closed,
    gross_amount_effect,
    gross_amount_now,
    net_amount_closed,
    net_amount_effect,
    net_amount_now,
    paid_amount_closed,
    paid_amount_effect,
    paid_amount_now,
    settle_amount_closed,
    settle_amount_effect,
    settle_amount_now
FROM restatement_totals()
WHERE coalesce($period, '') IN ('', period)
    AND is_restated
ORDER BY period NULLS LAST, source NULLS LAST, account NULLS LAST, flow NULLS LAST, currency NULLS LAST
