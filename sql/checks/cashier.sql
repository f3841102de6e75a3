-- rule: cashier
-- severity: warning
-- title.en: Cashier
-- title.zh: 收银
-- compares.en: paid amount with the order's total once the stay is over: underpaid, overpaid; canceled, or closed because nobody came, with money kept (starhotel)
-- compares.zh: 住宿结束后已付金额与订单总额：未付清、多收；已取消或未入住而关闭但款项未退（starhotel）
-- tolerance: 0.01
-- explain.underpaid.en: completed, {actual} paid of {expected}: {difference} is still due
-- explain.underpaid.zh: 订单已完成，应付{expected}，已付{actual}：尚欠{difference}
-- explain.overpaid.en: {actual} paid of {expected}: {difference} too much
-- explain.overpaid.zh: 应付{expected}，已付{actual}：多收{difference}
-- explain.canceled.en: canceled, but {actual} paid is kept
-- explain.canceled.zh: 订单已取消，已付{actual}未退
-- explain.closed.en: closed, for nobody came, but {actual} paid is kept
-- explain.closed.zh: 未入住，订单已关闭，已付{actual}未退
-- component.consumption_amount.en: the consumption of its stays
-- component.consumption_amount.zh: 住宿期间的消费
-- component.room_amount.en: the room charge of its stays
-- component.room_amount.zh: 房费

-- The vendor does not return its own cashier status; it compares paid with
-- total in the same way. Before completion neither less than the total nor
-- more is a break: what a guest in the house has paid is a deposit.
--
-- It is a late change where a completed order was paid in full for over a day
-- and its total or its payments changed then.
WITH stay_sum AS (
    SELECT source, account, order_id, sum(room_amount) AS room_amount, sum(consumption_amount) AS consumption_amount
    FROM stays
    WHERE source = 'starhotel' AND status IS DISTINCT FROM 'canceled'
    GROUP BY ALL
),
late AS (
    SELECT source, account, order_id, max(valid_to) AS changed_at
    FROM order_versions
    WHERE source = 'starhotel' AND status = 'completed' AND paid_amount = net_amount AND valid_to > valid_from + INTERVAL 1 DAY
    GROUP BY ALL
)
SELECT
    o.source, o.account, o.order_id, o.business_date,
    CASE WHEN o.status = 'completed' THEN o.net_amount ELSE 0 END AS expected,
    o.paid_amount AS actual,
    o.currency,
    CASE WHEN o.status <> 'completed' THEN 'status' END AS reason,
    CASE
        WHEN o.status IN ('canceled', 'closed') THEN o.status
        WHEN o.paid_amount > o.net_amount THEN 'overpaid'
        ELSE 'underpaid'
    END AS variant,
    l.changed_at,
    o.order_no, o.room_no, o.status, o.net_amount, s.room_amount, s.consumption_amount
FROM orders o
LEFT JOIN stay_sum s USING (source, account, order_id)
LEFT JOIN late l USING (source, account, order_id)
WHERE o.source = 'starhotel'
    AND o.deleted_at IS NULL
    AND CASE o.status
        WHEN 'completed' THEN o.paid_amount <> o.net_amount
        WHEN 'canceled' THEN o.paid_amount > 0
        WHEN 'closed' THEN o.paid_amount > 0
        ELSE false
    END
