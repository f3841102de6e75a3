-- name: delivery
-- title.en: Delivery
-- title.zh: 配送费
-- description.en: Courier orders against the shop's waybills of that courier, one row for each shop order and courier, on the shop order's business date (a courier order without one stands on its own). fee is what live courier orders cost, deduction what canceled ones cost, cost both; freight is what the shop states on the waybills. difference = freight - fee, where neither side is canceled or refunded and both figures are known.
-- description.zh: 配送商订单与店铺运单逐单核对，每个店铺订单与配送商一行，按店铺订单营业日期（无店铺订单的配送单按其自身日期）。配送费为有效配送单的费用，取消扣款为已取消配送单的费用，成本为两者之和；运单运费为店铺所报。差额 = 运单运费 − 配送费，仅在双方均未取消、未退款且金额已知时计算。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.match: Match
-- label.zh.match: 匹配情况
-- label.en.source: Courier
-- label.zh.source: 配送商
-- label.en.courier_orders: Courier orders
-- label.zh.courier_orders: 配送单数
-- label.en.courier_order_id: Courier order
-- label.zh.courier_order_id: 配送单号
-- label.en.courier_status: Courier status
-- label.zh.courier_status: 配送状态
-- label.en.shop_source: Shop
-- label.zh.shop_source: 店铺来源
-- label.en.shop_account: Shop account
-- label.zh.shop_account: 店铺账户
-- label.en.shop_order_id: Shop order
-- label.zh.shop_order_id: 店铺订单
-- label.en.shop_status: Shop status
-- label.zh.shop_status: 店铺订单状态
-- label.en.fee_amount: Courier fee
-- label.zh.fee_amount: 配送费
-- label.en.cost_amount: Cost
-- label.zh.cost_amount: 成本
-- label.en.freight_amount: Freight on waybills
-- label.zh.freight_amount: 运单运费
-- label.en.difference: Difference
-- label.zh.difference: 差额
-- values.match: delivery_match
-- values.courier_status: order_status
-- values.shop_status: order_status
-- print_to: difference
-- width.currency: 9
-- width.shop_order_id: 18
WITH links AS (
    SELECT l.*
    FROM recon.links l
    JOIN main.orders c ON c.source = l.right_source AND c.account = l.right_account AND c.order_id = l.right_order_id
    WHERE l.rule = 'courier' AND c.deleted_at IS NULL
),
sent AS (
    -- Where two orders claim a courier's, it is taken for the first.
    SELECT right_source, right_account, right_order_id, source, account, order_id
    FROM (SELECT *, row_number() OVER (PARTITION BY right_source, right_account, right_order_id ORDER BY source NULLS LAST, account NULLS LAST, order_id NULLS LAST) AS nth FROM links) l
    WHERE nth = 1
),
charged AS (
    SELECT c.*, o.source AS shop_source, o.account AS shop_account, o.order_id AS shop_order_id,
        coalesce(o.business_date, c.business_date) AS shown_date
    FROM classified_orders() c
    LEFT JOIN sent s ON s.right_source = c.source AND s.right_account = c.account AND s.right_order_id = c.order_id
    LEFT JOIN main.orders o
        ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id AND o.deleted_at IS NULL
    WHERE c.flow = 'cost' AND c.kind = 'delivery' AND c.standing <> 'deleted'
),
courier AS (
    SELECT
        source, account, currency, shop_source, shop_account, shop_order_id,
        min(shown_date) AS shown_date,
        count(*) AS courier_orders,
        -- Of an order of the register alone the courier has never told anything.
        count(*) FILTER (WHERE source_status IS NOT NULL OR status IS NOT NULL OR store_id IS NOT NULL) AS answered,
        ordered_text(order_id, ', ', created_at NULLS LAST, order_id NULLS LAST) AS courier_order_id,
        CASE WHEN count(DISTINCT status) = 1 THEN min(status) END AS courier_status,
        sum(net_amount) FILTER (WHERE standing = 'live') AS fee_amount,
        count(*) FILTER (WHERE standing = 'live') AS live,
        count(net_amount) FILTER (WHERE standing = 'live') AS known,
        sum(tip_amount) FILTER (WHERE standing = 'live') AS tip_amount,
        sum(deduction_amount) FILTER (WHERE standing <> 'live') AS deduction_amount,
        coalesce(sum(cost_amount), 0) AS cost_amount
    FROM charged
    GROUP BY source, account, currency, shop_source, shop_account, shop_order_id,
        CASE WHEN shop_order_id IS NULL THEN order_id END
),
waybill AS (
    SELECT
        c.source, c.account, o.currency, o.source AS shop_source, o.account AS shop_account, o.order_id AS shop_order_id,
        o.business_date, o.status,
        distinct_text(d.carrier, ', ') AS carrier,
        ordered_text(d.waybill_no, ', ', d.delivery_id NULLS LAST) AS waybill_no,
        sum(d.fee_amount) AS freight_amount,
        count(*) = count(d.fee_amount) AS is_known,
        bool_or(d.status IN ('confirmed', 'in_progress', 'completed') OR d.status IS NULL AND d.waybill_no IS NOT NULL) AS has_courier,
        bool_or(l.source IS NOT NULL) AS is_linked
    FROM (SELECT DISTINCT source, account, shop_source, shop_account, carrier FROM recon.couriers) c
    JOIN main.deliveries d ON d.source = c.shop_source AND d.account = c.shop_account AND d.carrier = c.carrier
    JOIN main.orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    LEFT JOIN (SELECT DISTINCT source, account, order_id, right_source, right_account FROM links) l
        ON l.source = o.source AND l.account = o.account AND l.order_id = o.order_id AND l.right_source = c.source AND l.right_account = c.account
    WHERE o.deleted_at IS NULL
    GROUP BY c.source, c.account, o.currency, o.source, o.account, o.order_id, o.business_date, o.status
),
pairs AS (
    SELECT
        coalesce(c.source, w.source) AS source,
        coalesce(c.account, w.account) AS account,
        coalesce(c.currency, w.currency) AS currency,
        coalesce(c.shop_source, w.shop_source) AS shop_source,
        coalesce(c.shop_account, w.shop_account) AS shop_account,
        coalesce(c.shop_order_id, w.shop_order_id) AS shop_order_id,
        coalesce(c.shown_date, w.business_date) AS business_date,
        c.source IS NOT NULL AS has_order,
        w.source IS NOT NULL AS has_waybill,
        c.courier_orders, c.answered, c.courier_order_id, c.courier_status, c.fee_amount, c.live, c.known, c.tip_amount, c.deduction_amount, c.cost_amount,
        w.carrier, w.waybill_no, w.freight_amount, w.is_known, w.is_linked
    FROM courier c
    FULL JOIN (SELECT * FROM waybill WHERE is_linked OR has_courier AND status IS DISTINCT FROM 'canceled') w
        ON w.source = c.source AND w.account = c.account AND w.currency IS NOT DISTINCT FROM c.currency
        AND w.shop_source = c.shop_source AND w.shop_account = c.shop_account AND w.shop_order_id = c.shop_order_id
),
costed AS (
    SELECT p.*, o.status AS shop_status,
        coalesce(o.standing IN ('canceled', 'refunded'), false) AS is_shop_canceled,
        a.source IS NOT NULL AS is_asked
    FROM pairs p
    LEFT JOIN (SELECT DISTINCT source, account FROM recon.couriers) a ON a.source = p.source AND a.account = p.account
    LEFT JOIN classified_orders() o ON o.source = p.shop_source AND o.account = p.shop_account AND o.order_id = p.shop_order_id
),
matched AS (
    SELECT *,
        CASE
            WHEN NOT is_asked THEN 'not_compared'
            WHEN NOT has_order THEN CASE WHEN is_linked THEN 'not_compared' ELSE 'no_courier_order' END
            WHEN answered = 0 THEN 'no_courier_order'
            WHEN shop_order_id IS NULL AND live = 0 AND cost_amount = 0 THEN 'canceled'
            WHEN shop_order_id IS NULL THEN 'no_shop_order'
            WHEN NOT has_waybill AND live = 0 AND cost_amount = 0 THEN 'canceled'
            WHEN NOT has_waybill THEN 'not_sent'
            WHEN live = 0 OR is_shop_canceled THEN 'canceled'
            WHEN known < live OR NOT is_known THEN 'not_compared'
            ELSE 'matched'
        END AS match
    FROM costed
)
SELECT
    business_date,
    match,
    courier_order_id,
    shop_order_id,
    currency,
    coalesce(courier_orders, 0) AS courier_orders,
    fee_amount,
    deduction_amount,
    cost_amount,
    freight_amount,
    CASE WHEN match = 'matched' THEN freight_amount - fee_amount END AS difference,
    tip_amount,
    source,
    account,
    courier_status,
    shop_source,
    shop_account,
    shop_status,
    carrier,
    waybill_no
FROM matched
WHERE business_date BETWEEN $date_from::DATE AND $date_to::DATE
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST,
    CASE match WHEN 'no_courier_order' THEN 1 WHEN 'no_shop_order' THEN 2 WHEN 'not_sent' THEN 3 WHEN 'matched' THEN 4 WHEN 'canceled' THEN 5 ELSE 6 END,
    abs(difference) DESC NULLS LAST, business_date DESC, shop_source NULLS LAST, shop_account NULLS LAST, shop_order_id NULLS LAST, courier_order_id NULLS LAST
