-- rule: stay_total
-- severity: warning
-- title.en: Stays within the order's total
-- title.zh: 住宿合计与订单总额
-- compares.en: total of the order with the sum of its stays, which it must hold (starhotel)
-- compares.zh: 订单总额不应低于其住宿合计（starhotel）
-- tolerance: 0.01
-- explain.en: its stays ({lines}) come to {actual}, but the order's total is {expected}: {difference} too much
-- explain.zh: {lines}笔住宿合计{actual}，而订单总额为{expected}：多{difference}
-- component.stay_amount.en: the stay {matching_stay}
-- component.stay_amount.zh: 住宿{matching_stay}
-- component.room_amount.en: the room charge of its stays
-- component.room_amount.zh: 房费
-- component.consumption_amount.en: the consumption of its stays
-- component.consumption_amount.zh: 住宿期间的消费

-- The total may be more than the stays: an order can hold other lines. It
-- must not be less. A list of stays that lacks one, or lacks an amount, only
-- makes the sum smaller and so accuses nobody.
--
-- It is a late change where the total held the stays when the order was
-- completed and was lowered over a day later.
WITH stay AS (
    SELECT source, account, order_id, stay_id, room_amount, consumption_amount, total_amount
    FROM stays
    WHERE source = 'starhotel' AND status IS DISTINCT FROM 'canceled'
),
stay_sum AS (
    SELECT source, account, order_id, count(*) AS lines, sum(total_amount) AS amount,
        sum(room_amount) AS room_amount, sum(consumption_amount) AS consumption_amount
    FROM stay
    GROUP BY ALL
),
compared AS (
    SELECT o.source, o.account, o.order_id, o.business_date, o.currency, o.order_no, o.status, o.net_amount, s.lines, s.amount, s.room_amount, s.consumption_amount
    FROM orders o
    JOIN stay_sum s USING (source, account, order_id)
    WHERE o.deleted_at IS NULL AND o.status IS DISTINCT FROM 'canceled' AND s.amount > o.net_amount
),
-- The stay, if only one, that alone makes up the difference.
matching AS (
    SELECT c.source, c.account, c.order_id, min(s.stay_id) AS matching_stay, min(s.total_amount) AS stay_amount
    FROM compared c
    JOIN stay s USING (source, account, order_id)
    WHERE c.lines > 1 AND s.total_amount = c.amount - c.net_amount
    GROUP BY ALL
    HAVING count(*) = 1
),
late AS (
    SELECT c.source, c.account, c.order_id, max(v.valid_to) AS changed_at
    FROM compared c
    JOIN order_versions v USING (source, account, order_id)
    WHERE v.status = 'completed' AND v.net_amount >= c.amount - 0.01 AND v.valid_to > v.valid_from + INTERVAL 1 DAY
    GROUP BY ALL
)
SELECT
    c.source, c.account, c.order_id, c.business_date,
    c.net_amount AS expected, c.amount AS actual, c.currency, c.lines, l.changed_at,
    c.order_no, c.status, m.matching_stay, m.stay_amount, c.room_amount, c.consumption_amount
FROM compared c
LEFT JOIN matching m USING (source, account, order_id)
LEFT JOIN late l USING (source, account, order_id)
