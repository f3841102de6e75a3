-- rule: courier_status
-- severity: warning
-- title.en: Delivered here, canceled there
-- title.zh: 配送状态不一致
-- compares.en: state of the shop's order with that of the courier's: delivered in one and canceled in the other; canceled with a deduction (soms, guoxiaodi)
-- compares.zh: 店铺订单与配送商订单的状态：一方已送达而另一方已取消；取消但有扣款（soms、guoxiaodi）
-- tolerance: 0
-- explain.shop_delivered.en: delivered says the shop, canceled says the courier (order {right_order_id}); the courier keeps {deduction}
-- explain.shop_delivered.zh: 店铺已送达，配送商订单{right_order_id}已取消；配送商扣款{deduction}
-- explain.shop_delivered_refunded.en: delivered says the shop, refunded says the courier (order {right_order_id}); the courier keeps {deduction}
-- explain.shop_delivered_refunded.zh: 店铺已送达，配送商订单{right_order_id}已退款；配送商扣款{deduction}
-- explain.courier_delivered.en: canceled says the shop, delivered says the courier (order {right_order_id}), which charges {courier_fee}
-- explain.courier_delivered.zh: 店铺已取消，配送商订单{right_order_id}已送达，收取{courier_fee}
-- explain.deducted.en: the courier's order {right_order_id} is canceled, but {actual} of it is kept
-- explain.deducted.zh: 配送商订单{right_order_id}已取消，但扣款{actual}

-- The shop may have called the courier twice: it is delivered where one of the
-- courier's orders is, and canceled where all of them are. A fee that was paid
-- back after the delivery is no cancellation.
WITH courier AS (
    SELECT
        l.source, l.account, l.order_id, l.right_source, l.right_account,
        first_by(r.order_id, (coalesce(r.created_at, forever()), r.order_id)) AS first_order_id,
        first_by(r.order_id, (coalesce(r.created_at, forever()), r.order_id)) FILTER (WHERE r.deduction_amount > 0) AS deducted_order_id,
        first_by(r.order_id, (coalesce(r.created_at, forever()), r.order_id)) FILTER (WHERE r.status = 'completed') AS delivered_order_id,
        bool_and(coalesce(r.status = 'canceled' OR r.status = 'refunded' AND r.finished_at IS NULL, false)) AS is_canceled,
        max(r.status) AS courier_status,
        sum(r.net_amount) FILTER (WHERE r.status = 'completed') AS courier_fee,
        coalesce(sum(r.deduction_amount) FILTER (WHERE r.status IN ('canceled', 'refunded')), 0) AS deduction
    FROM links l
    JOIN orders r ON r.source = l.right_source AND r.account = l.right_account AND r.order_id = l.right_order_id
    WHERE l.rule = 'courier' AND r.deleted_at IS NULL
    GROUP BY ALL
),
judged AS (
    SELECT
        c.*, o.business_date, o.currency, o.status,
        CASE
            WHEN o.status = 'completed' AND c.is_canceled AND c.courier_status = 'refunded' THEN 'shop_delivered_refunded'
            WHEN o.status = 'completed' AND c.is_canceled THEN 'shop_delivered'
            WHEN o.status = 'canceled' AND c.delivered_order_id IS NOT NULL THEN 'courier_delivered'
            WHEN c.deduction > 0 THEN 'deducted'
        END AS variant
    FROM courier c
    JOIN orders o ON o.source = c.source AND o.account = c.account AND o.order_id = c.order_id
    WHERE o.deleted_at IS NULL
)
SELECT
    source, account, order_id, business_date, right_source, right_account,
    CASE variant
        WHEN 'courier_delivered' THEN delivered_order_id
        WHEN 'deducted' THEN deducted_order_id
        ELSE first_order_id
    END AS right_order_id,
    CASE WHEN variant = 'deducted' THEN 0::DECIMAL(18,4) END AS expected,
    CASE WHEN variant = 'deducted' THEN deduction END AS actual,
    currency, variant, 'status' AS reason,
    status, courier_status, courier_fee, deduction
FROM judged
WHERE variant IS NOT NULL
