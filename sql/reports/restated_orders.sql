-- name: restated_orders
-- title.en: Restatements
-- title.zh: 追溯调整
-- description.en: Which orders moved the totals of every closed month, one row for each order and total: with what it stood there at the close (before), what it stands there with now (after), and the effect on the total. An order whose flow or currency changed leaves one total and comes into another, so it has two rows.
-- description.zh: 每个已关账月份的合计经由哪些订单变动，每个订单和合计一行：关账时计入的金额（调整前）、现在计入的金额（调整后）及影响额。资金方向或币种变动的订单移出一个合计并移入另一个，故有两行。
-- table: main.orders
-- label.en.period: Month
-- label.zh.period: 月份
-- label.en.change: Change
-- label.zh.change: 变动
-- values.change: restatement
-- label.en.cause: Cause
-- label.zh.cause: 变动原因
-- values.cause: restatement_cause
-- values.flow: flow
-- values.status_before: order_status
-- values.status_after: order_status
-- label.en.business_date_before: Business date before
-- label.zh.business_date_before: 调整前营业日期
-- label.en.business_date_after: Business date after
-- label.zh.business_date_after: 调整后营业日期
-- label.en.status_before: Status before
-- label.zh.status_before: 调整前状态
-- label.en.status_after: Status after
-- label.zh.status_after: 调整后状态
-- label.en.orders_before: Orders before
-- label.zh.orders_before: 调整前订单数
-- label.en.orders_after: Orders after
-- label.zh.orders_after: 调整后订单数
-- label.en.orders_effect: Orders effect
-- label.zh.orders_effect: 订单数影响
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
-- label.en.changed_columns: Figures that moved
-- label.zh.changed_columns: 变动项
-- label.en.changed_at: Known since
-- label.zh.changed_at: 获知时间
-- label.en.closed_at: Closed at
-- label.zh.closed_at: 关账时间
-- print_to: paid_amount_effect
-- width.currency: 9
WITH restated AS (
    SELECT * FROM restatements()
),
sides AS (
    SELECT period, source, account, order_id, flow_before AS flow, currency_before AS currency, 1 AS orders_before, 0 AS orders_after,
        gross_amount_before, net_amount_before, paid_amount_before, settle_amount_before,
        NULL::DECIMAL(18,4) AS gross_amount_after, NULL::DECIMAL(18,4) AS net_amount_after,
        NULL::DECIMAL(18,4) AS paid_amount_after, NULL::DECIMAL(18,4) AS settle_amount_after
    FROM restated
    WHERE counted
    UNION ALL
    SELECT period, source, account, order_id, flow_after AS flow, currency_after AS currency, 0 AS orders_before, 1 AS orders_after,
        NULL, NULL, NULL, NULL, gross_amount_after, net_amount_after, paid_amount_after, settle_amount_after
    FROM restated
    WHERE counts
),
totals AS (
    SELECT period, source, account, order_id, flow, currency,
        sum(orders_before)::BIGINT AS orders_before, sum(orders_after)::BIGINT AS orders_after,
        min(gross_amount_before) AS gross_amount_before, min(gross_amount_after) AS gross_amount_after,
        min(net_amount_before) AS net_amount_before, min(net_amount_after) AS net_amount_after,
        min(paid_amount_before) AS paid_amount_before, min(paid_amount_after) AS paid_amount_after,
        min(settle_amount_before) AS settle_amount_before, min(settle_amount_after) AS settle_amount_after
    FROM sides
    GROUP BY ALL
)
SELECT
    t.period,
    r.change,
    t.account,
    t.order_id,
    t.flow,
    t.currency,
    t.orders_after - t.orders_before AS orders_effect,
    t.net_amount_before,
    t.net_amount_after,
    CASE WHEN coalesce(t.net_amount_before, t.net_amount_after) IS NOT NULL THEN coalesce(t.net_amount_after, 0) - coalesce(t.net_amount_before, 0) END AS net_amount_effect,
    t.paid_amount_before,
    t.paid_amount_after,
    CASE WHEN coalesce(t.paid_amount_before, t.paid_amount_after) IS NOT NULL THEN coalesce(t.paid_amount_after, 0) - coalesce(t.paid_amount_before, 0) END AS paid_amount_effect,
    t.orders_before,
    t.orders_after,
    t.gross_amount_before,
    t.gross_amount_after,
    CASE WHEN coalesce(t.gross_amount_before, t.gross_amount_after) IS NOT NULL THEN coalesce(t.gross_amount_after, 0) - coalesce(t.gross_amount_before, 0) END AS gross_amount_effect,
    t.settle_amount_before,
    t.settle_amount_after,
    CASE WHEN coalesce(t.settle_amount_before, t.settle_amount_after) IS NOT NULL THEN coalesce(t.settle_amount_after, 0) - coalesce(t.settle_amount_before, 0) END AS settle_amount_effect,
    t.source,
    r.order_no,
    r.business_date_before,
    r.business_date_after,
    r.status_before,
    r.status_after,
    -- All figures of an order that was not there before are new.
    CASE WHEN r.change IN ('changed', 'moved_in', 'moved_out') THEN r.changed_columns END AS changed_columns,
    r.cause,
    r.changed_at,
    r.closed_at
FROM totals t
JOIN restated r USING (period, source, account, order_id)
ORDER BY t.period NULLS LAST, t.flow NULLS LAST, t.currency NULLS LAST, t.source NULLS LAST, t.account NULLS LAST, r.change NULLS LAST, t.order_id NULLS LAST
