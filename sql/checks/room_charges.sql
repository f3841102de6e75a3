-- rule: room_charges
-- severity: info
-- candidate: true
-- title.en: Room service against the bill
-- title.zh: 客房消费与账单
-- compares.en: consumption that the PMS billed for an order's stays with the orders finished in its rooms meanwhile (starhotel, tuya)
-- compares.zh: PMS住宿消费与入住期间该房间已完成的客房订单（starhotel、tuya）
-- tolerance: 0.01
-- explain.en: the PMS billed a consumption of {actual} for room {rooms}, the orders finished there during the stay ({room_orders}) come to {expected}: differs by {difference}
-- explain.zh: PMS对房间{rooms}计消费{actual}，入住期间该房间{room_orders}笔已完成订单合计{expected}：相差{difference}
-- component.unbilled_amount.en: the order {unbilled_order}
-- component.unbilled_amount.zh: 订单{unbilled_order}
-- component.canceled_amount.en: the canceled order {canceled_order}
-- component.canceled_amount.zh: 已取消订单{canceled_order}

-- A candidate: the two systems share nothing but room and time, and the PMS's
-- consumption may hold what was not ordered by the room's own devices. All
-- stays of an order are taken together, for a charge that was put on the other
-- room of the same bill harms nobody; they are compared once all of them are
-- over. Only places with both systems are looked at.
WITH place_stay AS (
    SELECT DISTINCT r.source, r.account, r.order_id
    FROM room_stays r
    JOIN recon.places t ON t.place = r.place AND t.source = 'tuya'
    WHERE r.source = 'starhotel'
),
bill AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.order_no, o.status,
        sum(s.consumption_amount) AS consumption,
        distinct_text(s.room_no, ', ') AS rooms,
        min(s.arrival_at) AS arrival_at, max(stay_end(s.arrival_at, s.departure_at)) AS departure_at
    FROM orders o
    SEMI JOIN place_stay p ON p.source = o.source AND p.account = o.account AND p.order_id = o.order_id
    JOIN stays s ON s.source = o.source AND s.account = o.account AND s.order_id = o.order_id
    WHERE o.deleted_at IS NULL AND o.status IS DISTINCT FROM 'canceled' AND s.status IS DISTINCT FROM 'canceled'
    GROUP BY ALL
    HAVING bool_and(coalesce(s.status IN ('completed', 'closed'), false))
        AND bool_and(s.room_no IS NOT NULL AND s.consumption_amount IS NOT NULL)
),
placed AS (
    SELECT
        l.right_source AS source, l.right_account AS account, l.right_order_id AS order_id,
        t.order_id AS room_order, t.net_amount, t.status, t.currency
    FROM links l
    JOIN orders t ON t.source = l.source AND t.account = l.account AND t.order_id = l.order_id
    WHERE l.rule = 'room_order' AND t.deleted_at IS NULL AND t.net_amount <> 0
),
compared AS (
    SELECT
        b.*,
        coalesce(sum(p.net_amount) FILTER (WHERE p.status = 'completed'), 0) AS served,
        count(p.room_order) FILTER (WHERE p.status = 'completed') AS room_orders
    FROM bill b
    LEFT JOIN placed p ON p.source = b.source AND p.account = b.account AND p.order_id = b.order_id AND p.currency IS NOT DISTINCT FROM b.currency
    GROUP BY ALL
),
off AS (
    SELECT * FROM compared WHERE consumption <> served
),
-- The order, if only one, that alone makes up the difference: finished and not
-- billed, or canceled and billed all the same.
single AS (
    SELECT
        o.source, o.account, o.order_id,
        CASE WHEN count(*) FILTER (WHERE p.status = 'completed') = 1 THEN min(p.room_order) FILTER (WHERE p.status = 'completed') END AS unbilled_order,
        CASE WHEN count(*) FILTER (WHERE p.status = 'canceled') = 1 THEN min(p.room_order) FILTER (WHERE p.status = 'canceled') END AS canceled_order,
        min(p.net_amount) AS amount
    FROM off o
    JOIN placed p ON p.source = o.source AND p.account = o.account AND p.order_id = o.order_id
        AND p.currency IS NOT DISTINCT FROM o.currency
        AND (p.status = 'completed' AND p.net_amount = o.served - o.consumption
            OR p.status = 'canceled' AND p.net_amount = o.consumption - o.served)
    GROUP BY ALL
),
-- Orders of the same rooms within a day before the arrival or after the
-- departure, which belong to no other stay.
beside AS (
    SELECT source, account, order_id, min(business_date) AS cutoff_date, sum(net_amount) AS amount
    FROM (
        SELECT DISTINCT o.source, o.account, o.order_id, t.order_id AS room_order, t.business_date, t.net_amount
        FROM off o
        JOIN room_stays s ON s.source = o.source AND s.account = o.account AND s.order_id = o.order_id
        JOIN room_orders r ON r.place = s.place AND r.room_no = s.room_no
            AND r.created_at BETWEEN s.from_at - INTERVAL 1 DAY AND s.to_at + INTERVAL 1 DAY
        JOIN orders t ON t.source = r.source AND t.account = r.account AND t.order_id = r.order_id
            AND t.status = 'completed' AND t.currency IS NOT DISTINCT FROM o.currency
        ANTI JOIN links l ON l.rule = 'room_order' AND l.source = r.source AND l.account = r.account AND l.order_id = r.order_id
    )
    GROUP BY ALL
)
SELECT
    o.source, o.account, o.order_id, o.business_date,
    o.served AS expected, o.consumption AS actual, o.currency,
    CASE WHEN b.amount = o.consumption - o.served THEN b.cutoff_date END AS cutoff_date,
    o.order_no, o.status, o.rooms, o.room_orders,
    g.unbilled_order, CASE WHEN g.unbilled_order IS NOT NULL THEN g.amount END AS unbilled_amount,
    g.canceled_order, CASE WHEN g.canceled_order IS NOT NULL THEN g.amount END AS canceled_amount
FROM off o
LEFT JOIN single g USING (source, account, order_id)
LEFT JOIN beside b USING (source, account, order_id)
