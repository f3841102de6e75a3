-- rule: courier_vs_shop
-- severity: error
-- title.en: Courier fee against the shop's freight
-- title.zh: 配送费与店铺运单运费
-- compares.en: freight that the shop states on this courier's waybills with the fee that the courier charged, once neither is canceled nor refunded (soms, guoxiaodi)
-- compares.zh: 店铺运单运费与配送商支付费用，任一方取消或退款的除外（soms、guoxiaodi）
-- tolerance: 0.01
-- explain.en: the shop states a freight of {actual} ({waybill_no}), the courier charged {expected} (order {right_order_id}): differs by {difference}
-- explain.zh: 店铺运费为{actual}（运单{waybill_no}），配送商收取{expected}（订单{right_order_id}）：相差{difference}
-- component.creation_tip_amount.en: the tip given at creation
-- component.creation_tip_amount.zh: 下单小费
-- component.added_tip_amount.en: the tips added later
-- component.added_tip_amount.zh: 后加小费
-- component.all_tip_amount.en: the tips
-- component.all_tip_amount.zh: 全部小费
-- component.discount_amount.en: the courier's preferential amount
-- component.discount_amount.zh: 配送优惠
-- component.surcharge_amount.en: the courier's surcharge
-- component.surcharge_amount.zh: 溢价
-- component.special_amount.en: the special delivery fee
-- component.special_amount.zh: 专送费用
-- component.weight_amount.en: the charge for weight
-- component.weight_amount.zh: 重量费
-- component.distance_amount.en: the charge for distance
-- component.distance_amount.zh: 里程费

-- An order's waybills of one courier are compared together, for the courier's
-- order need not say which waybill it is. A figure that one of them lacks
-- leaves the sum unknown: then there is nothing to compare.
--
-- It is a late change where the courier's earlier fee was the shop's freight,
-- and the courier changed it over a day after it had delivered.
WITH shop AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.status,
        c.source AS right_source, c.account AS right_account,
        sum(d.fee_amount) AS freight, count(*) = count(d.fee_amount) AS is_known,
        ordered_text(d.waybill_no, ', ', d.delivery_id NULLS LAST) AS waybill_no
    FROM recon.couriers c
    JOIN deliveries d ON d.source = c.shop_source AND d.account = c.shop_account AND d.carrier = c.carrier
    JOIN orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE o.deleted_at IS NULL AND o.status IS DISTINCT FROM 'canceled' AND o.status IS DISTINCT FROM 'refunded'
        AND o.refund_status IS DISTINCT FROM 'refunded'
    GROUP BY ALL
),
courier AS (
    SELECT
        l.source, l.account, l.order_id, l.right_source, l.right_account, r.currency,
        first_by(r.order_id, (coalesce(r.created_at, forever()), r.order_id)) AS right_order_id,
        count(*) AS courier_orders,
        sum(r.net_amount) AS fee, count(*) = count(r.net_amount) AS is_known,
        sum(d.creation_tip_amount) AS creation_tip_amount, sum(d.tip_amount) AS tip_amount,
        sum(r.discount_amount) AS discount_amount, sum(d.surcharge_amount) AS surcharge_amount, sum(d.special_amount) AS special_amount,
        sum(d.weight_amount) AS weight_amount, sum(d.distance_amount) AS distance_amount,
        max(r.finished_at) AS finished_at
    FROM links l
    JOIN orders r ON r.source = l.right_source AND r.account = l.right_account AND r.order_id = l.right_order_id
    LEFT JOIN deliveries d ON d.source = r.source AND d.account = r.account AND d.order_id = r.order_id
    WHERE l.rule = 'courier' AND r.deleted_at IS NULL AND r.status IS DISTINCT FROM 'canceled' AND r.status IS DISTINCT FROM 'refunded'
    GROUP BY ALL
),
compared AS (
    SELECT s.*, c.right_order_id, c.courier_orders, c.fee, c.creation_tip_amount, c.tip_amount, c.discount_amount,
        c.surcharge_amount, c.special_amount, c.weight_amount, c.distance_amount, c.finished_at
    FROM shop s
    JOIN courier c ON c.source = s.source AND c.account = s.account AND c.order_id = s.order_id
        AND c.right_source = s.right_source AND c.right_account = s.right_account AND c.currency IS NOT DISTINCT FROM s.currency
    WHERE s.is_known AND c.is_known
),
late AS (
    SELECT c.source, c.account, c.order_id, c.right_order_id, max(v.valid_to) AS changed_at
    FROM compared c
    JOIN order_versions v ON v.source = c.right_source AND v.account = c.right_account AND v.order_id = c.right_order_id
    WHERE c.courier_orders = 1
        AND abs(v.net_amount - c.freight) <= 0.01
        AND v.valid_to > coalesce(c.finished_at, v.valid_from) + INTERVAL 1 DAY
    GROUP BY ALL
)
SELECT
    c.source, c.account, c.order_id, c.business_date,
    c.right_source, c.right_account, c.right_order_id,
    c.fee AS expected, c.freight AS actual, c.currency,
    l.changed_at,
    c.waybill_no, c.status, c.courier_orders,
    c.creation_tip_amount,
    c.tip_amount - c.creation_tip_amount AS added_tip_amount,
    -- Where all tips were given at one time, these are the same tips.
    CASE WHEN c.tip_amount IS DISTINCT FROM c.creation_tip_amount AND c.tip_amount IS DISTINCT FROM c.tip_amount - c.creation_tip_amount
        THEN c.tip_amount END AS all_tip_amount,
    c.discount_amount, c.surcharge_amount, c.special_amount, c.weight_amount, c.distance_amount
FROM compared c
LEFT JOIN late l USING (source, account, order_id, right_order_id)
