-- rule: stay_match
-- severity: warning
-- candidate: true
-- title.en: Stays and keys
-- title.zh: 住宿与门禁
-- compares.en: stays in the access system with stays in the PMS: the same place, room and time, in both directions (akubela, starhotel)
-- compares.zh: 门禁系统住宿与PMS住宿：同一场所、房间及时间，双向核对（akubela、starhotel）
-- tolerance: 0
-- explain.akubela.en: the access system has a guest in room {rooms} from {arrival} to {departure}, the PMS has no such stay
-- explain.akubela.zh: 门禁系统显示房间{rooms}自{arrival}至{departure}有人入住，PMS无此住宿
-- explain.starhotel.en: the PMS has a stay in room {rooms} from {arrival} to {departure}, the access system has no key for it
-- explain.starhotel.zh: PMS显示房间{rooms}自{arrival}至{departure}有住宿，门禁系统无此记录

-- A candidate: the two systems share nothing but room and time. Looked at are
-- stays whose guest has come; a booking needs no key yet, and one that was
-- called off none at all. An open room that nobody booked is a warning; a
-- booked one without a key only tells that the guest was let in otherwise.
-- Where the other system has a stay of that room on the neighbouring business
-- day that matches nothing either, it is a cutoff; its order is a fact and not
-- part of the break's key, so that the break stays the same when it appears.
-- The stays of an order are one break.
WITH here AS (
    SELECT DISTINCT r.*
    FROM room_stays r
    JOIN recon.places other ON other.place = r.place
        AND other.source = CASE r.source WHEN 'akubela' THEN 'starhotel' ELSE 'akubela' END
    WHERE r.source IN ('akubela', 'starhotel')
),
matched AS (
    SELECT source, account, order_id, stay_id FROM links WHERE rule = 'stay'
    UNION
    SELECT right_source, right_account, right_order_id, right_stay_id FROM links WHERE rule = 'stay'
),
alone AS (
    SELECT h.*
    FROM here h
    ANTI JOIN matched m ON m.source = h.source AND m.account = h.account AND m.order_id = h.order_id AND m.stay_id IS NOT DISTINCT FROM h.stay_id
),
neighbour AS (
    SELECT a.source, a.account, a.order_id,
        min(b.arrival_date) AS cutoff_date,
        first_by(b.order_id, (b.arrival_date, b.order_id)) AS other_order_id
    FROM alone a
    JOIN alone b ON b.place = a.place AND b.room_no = a.room_no AND b.source <> a.source
        AND abs(days_between(b.arrival_date, a.arrival_date)) = 1
    GROUP BY ALL
)
SELECT
    a.source, a.account, a.order_id, o.business_date,
    NULL::DECIMAL(18,4) AS expected, NULL::DECIMAL(18,4) AS actual, o.currency,
    CASE WHEN n.cutoff_date IS NULL THEN 'missing_right' ELSE 'cutoff' END AS reason,
    n.cutoff_date,
    a.source AS variant,
    CASE a.source WHEN 'akubela' THEN 'warning' ELSE 'info' END AS severity,
    distinct_text(a.room_no, ', ') AS rooms,
    min(a.arrival_date) AS arrival, max(a.departure_date) AS departure,
    o.status, n.other_order_id
FROM alone a
JOIN orders o ON o.source = a.source AND o.account = a.account AND o.order_id = a.order_id
LEFT JOIN neighbour n ON n.source = a.source AND n.account = a.account AND n.order_id = a.order_id
WHERE a.status IN ('in_progress', 'completed') AND o.deleted_at IS NULL
GROUP BY ALL
