-- name: rooms
-- title.en: Rooms
-- title.zh: 客房
-- description.en: The stays that touch the range, room by room, in places whose systems are linked. What the guest ordered to the room (completed orders of the whole stay) against what the PMS billed as consumption; difference = billed - ordered, once the stay is over. Beside it the stay in the access system. Stays without a key, keys without a stay and room orders without a stay have rows of their own. Only room and time link the systems: a difference is a hint.
-- description.zh: 与所选范围有交集的住宿，逐房列示（仅限已关联系统的场所）。客房订单（整个住宿期间的已完成订单）与 PMS 所计消费核对；差额 = 账单 − 订单，住宿结束后计算。旁列门禁系统中的对应住宿。无门禁记录的住宿、无住宿的门禁记录、无住宿的客房订单单独成行。各系统仅以房间和时间关联，差额仅供参考。
-- table: main.stays
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.place: Place
-- label.zh.place: 场所
-- label.en.match: Match
-- label.zh.match: 匹配情况
-- label.en.business_date: Business date
-- label.zh.business_date: 营业日期
-- label.en.source: PMS
-- label.zh.source: PMS
-- label.en.order_id: Stay's order
-- label.zh.order_id: 住宿订单
-- label.en.stays: Stays
-- label.zh.stays: 住宿数
-- label.en.keys: Keys
-- label.zh.keys: 门禁住宿数
-- label.en.room_orders: Room orders
-- label.zh.room_orders: 客房订单数
-- label.en.ordered_amount: Ordered to the room
-- label.zh.ordered_amount: 客房订单金额
-- label.en.consumption_amount: Billed by the PMS
-- label.zh.consumption_amount: PMS消费
-- label.en.difference: Difference
-- label.zh.difference: 差额
-- label.en.key_order: Key's order
-- label.zh.key_order: 门禁订单
-- label.en.key_arrival: Key from
-- label.zh.key_arrival: 门禁起
-- label.en.key_departure: Key to
-- label.zh.key_departure: 门禁止
-- label.en.certainty: Certainty
-- label.zh.certainty: 匹配把握
-- label.en.compared: Compared
-- label.zh.compared: 是否核对
-- values.match: room_match
-- values.compared: compared
-- values.status: order_status
-- values.certainty: certainty
-- print_to: difference
-- width.currency: 9
-- width.match: 24
WITH stayed AS (
    -- Without a departure a guest who is here stays on. A booking needs no key
    -- yet and is billed nothing.
    SELECT p.place, s.source, s.account, s.order_id, s.stay_id, s.status, s.currency, s.consumption_amount,
        coalesce(CASE WHEN s.source <> 'starhotel' THEN r.pms_room_no END, s.room_no) AS room_no,
        s.arrival_date, s.departure_date, o.business_date,
        s.arrival_date <= $date_to::DATE AND coalesce(s.departure_date, CASE WHEN s.status = 'in_progress' THEN $date_to::DATE END, s.arrival_date) >= $date_from::DATE AS in_range
    FROM recon.places p
    JOIN main.stays s ON s.source = p.source AND s.account = p.account
    JOIN main.orders o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
    LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = s.room_no
    WHERE o.deleted_at IS NULL AND o.status IS DISTINCT FROM 'canceled' AND s.status IN ('in_progress', 'completed')
),
systems AS (
    SELECT place, bool_or(source = 'starhotel') AS has_pms, bool_or(source = 'akubela') AS has_keys, bool_or(source = 'tuya') AS has_orders
    FROM recon.places
    GROUP BY place
),
ordered AS (
    SELECT l.right_source AS source, l.right_account AS account, l.right_order_id AS order_id, l.right_stay_id AS stay_id, t.currency,
        count(*) AS room_orders, sum(t.net_amount) AS ordered_amount
    FROM recon.links l
    JOIN main.orders t ON t.source = l.source AND t.account = l.account AND t.order_id = l.order_id
    WHERE l.rule = 'room_order' AND t.deleted_at IS NULL AND t.status = 'completed' AND t.net_amount <> 0
    GROUP BY ALL
),
matched AS (
    SELECT l.*
    FROM recon.links l
    JOIN main.orders k ON k.source = l.source AND k.account = l.account AND k.order_id = l.order_id
    JOIN main.orders h ON h.source = l.right_source AND h.account = l.right_account AND h.order_id = l.right_order_id
    WHERE l.rule = 'stay' AND k.deleted_at IS NULL AND h.deleted_at IS NULL
),
keyed AS (
    SELECT m.right_source AS source, m.right_account AS account, m.right_order_id AS order_id, m.right_stay_id AS stay_id,
        count(*) AS keys,
        ordered_text(m.order_id, ', ', k.arrival_date NULLS LAST, m.order_id NULLS LAST) AS key_order,
        min(k.arrival_date) AS key_arrival, max(k.departure_date) AS key_departure,
        CASE WHEN bool_and(m.certainty = 'likely') THEN 'likely' ELSE 'possible' END AS certainty
    FROM matched m
    JOIN main.stays k ON k.source = m.source AND k.account = m.account AND k.order_id = m.order_id AND k.stay_id IS NOT DISTINCT FROM m.stay_id
    GROUP BY ALL
),
billed AS (
    SELECT s.place, s.room_no, s.source, s.account, s.order_id, s.stay_id, s.status, s.business_date, s.arrival_date, s.departure_date,
        s.currency, s.consumption_amount, 1 AS stays, o.room_orders, o.ordered_amount
    FROM stayed s
    LEFT JOIN ordered o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
        AND o.stay_id IS NOT DISTINCT FROM s.stay_id AND o.currency IS NOT DISTINCT FROM s.currency
    WHERE s.source = 'starhotel' AND s.in_range
    UNION ALL
    -- Orders in another currency than the bill's are billed nothing.
    SELECT s.place, s.room_no, s.source, s.account, s.order_id, s.stay_id, s.status, s.business_date, s.arrival_date, s.departure_date,
        o.currency, NULL::DECIMAL(18,4), 0, o.room_orders, o.ordered_amount
    FROM stayed s
    JOIN ordered o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
        AND o.stay_id IS NOT DISTINCT FROM s.stay_id AND o.currency IS DISTINCT FROM s.currency
    WHERE s.source = 'starhotel' AND s.in_range
),
rooms AS (
    SELECT b.place, b.room_no,
        CASE WHEN k.order_id IS NOT NULL THEN 'both' WHEN y.has_keys THEN 'no_key' ELSE 'no_key_system' END AS match,
        b.business_date, b.arrival_date, b.departure_date, b.source, b.account, b.order_id, b.stay_id, b.status, b.currency,
        b.stays, CASE WHEN b.stays = 1 THEN k.keys END AS keys, b.room_orders,
        -- Where the rooms have a system for orders, none is an order of nothing.
        CASE WHEN y.has_orders THEN coalesce(b.ordered_amount, 0) END AS ordered_amount, b.consumption_amount,
        CASE WHEN y.has_orders AND b.status = 'completed' THEN b.consumption_amount - coalesce(b.ordered_amount, 0) END AS difference,
        k.key_order, k.key_arrival, k.key_departure, k.certainty
    FROM billed b
    JOIN systems y USING (place)
    LEFT JOIN keyed k ON k.source = b.source AND k.account = b.account AND k.order_id = b.order_id AND k.stay_id IS NOT DISTINCT FROM b.stay_id
    UNION ALL
    SELECT s.place, s.room_no, 'no_stay', NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.status, NULL, NULL, 1, NULL, NULL, NULL, NULL,
        s.order_id, s.arrival_date, s.departure_date, NULL
    FROM stayed s
    JOIN systems y USING (place)
    ANTI JOIN matched m ON m.source = s.source AND m.account = s.account AND m.order_id = s.order_id AND m.stay_id IS NOT DISTINCT FROM s.stay_id
    WHERE s.source = 'akubela' AND s.in_range AND y.has_pms
    UNION ALL
    SELECT p.place, coalesce(r.pms_room_no, t.room_no) AS room_no, 'no_guest', t.business_date, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.currency,
        NULL, NULL, count(*), sum(t.net_amount), NULL, NULL, NULL, NULL, NULL, NULL
    FROM recon.places p
    JOIN systems y USING (place)
    JOIN main.orders t ON t.source = p.source AND t.account = p.account
    LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = t.room_no
    ANTI JOIN recon.links l ON l.rule = 'room_order' AND l.source = t.source AND l.account = t.account AND l.order_id = t.order_id
    WHERE p.source = 'tuya' AND y.has_pms AND t.deleted_at IS NULL AND t.status = 'completed' AND t.net_amount <> 0 AND t.room_no IS NOT NULL
      AND t.business_date BETWEEN $date_from::DATE AND $date_to::DATE
    GROUP BY p.place, coalesce(r.pms_room_no, t.room_no), t.business_date, t.currency
)
SELECT
    place,
    room_no,
    match,
    CASE WHEN difference IS NULL THEN 'no' ELSE 'yes' END AS compared,
    arrival_date,
    departure_date,
    order_id,
    coalesce(room_orders, 0) AS room_orders,
    ordered_amount,
    consumption_amount,
    difference,
    coalesce(stays, 0) AS stays,
    coalesce(keys, 0) AS keys,
    status,
    currency,
    key_order,
    business_date,
    source,
    account,
    stay_id,
    key_arrival,
    key_departure,
    certainty
FROM rooms
ORDER BY currency NULLS LAST, place NULLS LAST,
    CASE match WHEN 'both' THEN 1 WHEN 'no_key_system' THEN 2 WHEN 'no_key' THEN 3 WHEN 'no_stay' THEN 4 ELSE 5 END, compared DESC,
    room_no NULLS LAST, coalesce(arrival_date, key_arrival, business_date) NULLS LAST, source NULLS LAST, account NULLS LAST, order_id NULLS LAST, stay_id NULLS LAST, key_order NULLS LAST
