-- name: restatements
-- title.en: Restatements
-- title.zh: 追溯调整
-- description.en: For every closed month that moved: through which orders, with what was known at the close (before) and what is known now (after). The effect is on the month's total; it is empty where the order's currency or flow changed as well, see restatements_totals. period limits it to one month, yyyy-MM.
-- description.zh: 每个已关账且发生变动的月份：经由哪些订单变动，关账时所知（调整前）与现在所知（调整后）。影响额为对该月合计的影响；订单币种或资金方向也变动时为空，见 restatements_totals。period 可限定某月，yyyy-MM。
-- table: main.orders
-- param.period: text =
-- label.en.period: Month
-- label.zh.period: 月份
-- label.en.change: Change
-- label.zh.change: 变动
-- values.change: restatement
-- label.en.changed_at: Known since
-- label.zh.changed_at: 获知时间
-- label.en.closed_at: Closed at
-- label.zh.closed_at: 关账时间
-- label.en.changed_columns: Figures that moved
-- label.zh.changed_columns: 变动项
-- label.en.status_before: Status before
-- label.zh.status_before: 调整前状态
-- label.en.status_after: Status after
-- label.zh.status_after: 调整后状态
-- label.en.business_date_before: Business date before
-- label.zh.business_date_before: 调整前营业日期
-- label.en.business_date_after: Business date after
-- label.zh.business_date_after: 调整后营业日期
-- values.status_before: order_status
-- values.status_after: order_status
-- label.en.gross_amount_before: Gross before
-- label.zh.gross_amount_before: 调整前原价金额
-- label.en.gross_amount_after: Gross after
-- label.zh.gross_amount_after: 调整后原价金额
-- label.en.gross_amount_effect: Gross effect
-- label.zh.gross_amount_effect: 原价金额影响额
-- label.en.net_amount_before: Net due before
-- label.zh.net_amount_before: 调整前应付金额
-- label.en.net_amount_after: Net due after
-- label.zh.net_amount_after: 调整后应付金额
-- label.en.net_amount_effect: Net due effect
-- label.zh.net_amount_effect: 应付金额影响额
-- label.en.paid_amount_before: Paid before
-- label.zh.paid_amount_before: 调整前实付金额
-- label.en.paid_amount_after: Paid after
-- label.zh.paid_amount_after: 调整后实付金额
-- label.en.paid_amount_effect: Paid effect
-- label.zh.paid_amount_effect: 实付金额影响额
-- label.en.settle_amount_before: Settlement before
-- label.zh.settle_amount_before: 调整前结算金额
-- label.en.settle_amount_after: Settlement after
-- label.zh.settle_amount_after: 调整后结算金额
-- label.en.settle_amount_effect: Settlement effect
-- label.zh.settle_amount_effect: 结算金额影响额
-- values.flow: flow
-- print_to: settle_amount_effect
SELECT
    period,
    change,
    source,
    account,
    order_id,
    order_no,
    coalesce(flow_after, flow_before) AS flow,
    coalesce(currency_after, currency_before) AS currency,
    business_date_before,
    business_date_after,
    status_before,
    status_after,
    gross_amount_before,
    gross_amount_after,
    gross_amount_effect,
    net_amount_before,
    net_amount_after,
    net_amount_effect,
    paid_amount_before,
    paid_amount_after,
    paid_amount_effect,
    settle_amount_before,
    settle_amount_after,
    settle_amount_effect,
    changed_columns,
    changed_at,
    closed_at
FROM restatements()
WHERE coalesce($period, '') IN ('', period)
ORDER BY period NULLS LAST, source NULLS LAST, account NULLS LAST, change NULLS LAST, order_id NULLS LAST
