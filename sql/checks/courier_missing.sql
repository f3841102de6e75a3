-- rule: courier_missing
-- severity: error
-- title.en: Deliveries without a counterpart
-- title.zh: 配送单缺失
-- compares.en: orders that the shop sent by this courier with the courier's orders, and the reverse (soms, guoxiaodi)
-- compares.zh: 店铺交由该配送商的订单与配送商订单，双向核对（soms、guoxiaodi）
-- tolerance: 0.01
-- explain.shop.en: the shop sent this order by {carrier} (waybill {waybill_no}, freight {actual}), but the courier has no such order
-- explain.shop.zh: 店铺已将该订单交由{carrier}配送（运单{waybill_no}，运费{actual}），但配送商无此订单
-- explain.courier.en: the courier charges {actual} for the shop's order {link_ref}, but the shop has no such order
-- explain.courier.zh: 配送商就店铺订单{link_ref}收取{actual}，但店铺无此订单
-- explain.unasked.en: the courier charges {actual} for the shop's order {link_ref}, but the shop did not send it by this courier
-- explain.unasked.zh: 配送商就店铺订单{link_ref}收取{actual}，但店铺未交由该配送商配送
-- explain.unnamed.en: the courier charges {actual} for an order that names none of the shop's
-- explain.unnamed.zh: 配送商收取{actual}，但该配送单未注明店铺订单
-- explain.unanswered.en: the register has this courier order, of {actual}, but the courier answers for no order of this number
-- explain.unanswered.zh: 登记文件中有此配送单，费用{actual}，但配送商查无此单号

-- An order that its vendor deleted is not there: the other side's is without
-- a counterpart. The shop's order counts once the courier has it (the state of
-- its delivery says so, or a waybill where it says nothing) and as long as it
-- is not canceled. The courier's counts while it costs something; what a
-- canceled one costs is its deduction. One of which the courier has never told
-- anything is the register's alone, whether or not a shop is compared with it.
WITH unanswered AS (
    SELECT o.source, o.account, o.order_id, o.business_date, o.net_amount, o.currency, o.status, o.link_ref
    FROM orders o
    WHERE o.kind = 'delivery' AND o.flow = 'cost' AND o.deleted_at IS NULL
        AND o.status IS NULL AND o.source_status IS NULL AND o.store_id IS NULL
),
sent AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.status, o.created_at,
        c.source AS courier_source, c.account AS courier_account,
        sum(d.fee_amount) AS freight,
        min(d.carrier) AS carrier, ordered_text(d.waybill_no, ', ', d.delivery_id NULLS LAST) AS waybill_no,
        bool_or(d.status IN ('confirmed', 'in_progress', 'completed') OR d.status IS NULL AND d.waybill_no IS NOT NULL) AS has_courier
    FROM recon.couriers c
    JOIN deliveries d ON d.source = c.shop_source AND d.account = c.shop_account AND d.carrier = c.carrier
    JOIN orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE o.deleted_at IS NULL
    GROUP BY ALL
),
linked AS (
    SELECT * FROM links WHERE rule = 'courier'
),
courier AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.status, o.link_ref,
        CASE WHEN o.status IN ('canceled', 'refunded') THEN coalesce(o.deduction_amount, 0) ELSE o.net_amount END AS fee,
        count(l.order_id) > 0 AS is_known,
        count(s.order_id) > 0 AS is_sent
    FROM (SELECT DISTINCT source, account FROM recon.couriers) c
    JOIN orders o ON o.source = c.source AND o.account = c.account
    LEFT JOIN linked l ON l.right_source = o.source AND l.right_account = o.account AND l.right_order_id = o.order_id
    LEFT JOIN sent s ON s.source = l.source AND s.account = l.account AND s.order_id = l.order_id
        AND s.courier_source = o.source AND s.courier_account = o.account
    WHERE o.deleted_at IS NULL
    GROUP BY ALL
)
SELECT
    'shop' AS variant, 'missing_right' AS reason,
    s.source, s.account, s.order_id, s.business_date,
    NULL::DECIMAL(18,4) AS expected, s.freight AS actual, s.currency,
    s.status, s.carrier, s.waybill_no, NULL AS link_ref
FROM sent s
ANTI JOIN linked l ON l.source = s.source AND l.account = s.account AND l.order_id = s.order_id
    AND l.right_source = s.courier_source AND l.right_account = s.courier_account
WHERE s.has_courier AND s.status IS DISTINCT FROM 'canceled'
UNION ALL
SELECT
    CASE WHEN c.is_known THEN 'unasked' WHEN c.link_ref IS NULL THEN 'unnamed' ELSE 'courier' END AS variant, 'missing_right' AS reason,
    c.source, c.account, c.order_id, c.business_date,
    NULL::DECIMAL(18,4) AS expected, c.fee AS actual, c.currency,
    c.status, NULL AS carrier, NULL AS waybill_no, c.link_ref
FROM courier c
ANTI JOIN unanswered u ON u.source = c.source AND u.account = c.account AND u.order_id = c.order_id
WHERE NOT c.is_sent
    AND (c.fee <> 0 OR c.fee IS NULL)
UNION ALL
SELECT
    'unanswered' AS variant, 'missing_right' AS reason,
    u.source, u.account, u.order_id, u.business_date,
    NULL::DECIMAL(18,4) AS expected, u.net_amount AS actual, u.currency,
    u.status, NULL AS carrier, NULL AS waybill_no, u.link_ref
FROM unanswered u
