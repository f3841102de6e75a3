-- One step further: from the orders that came into scope last to all that a
-- rule may compare with them. Taking in too much costs time only; an order
-- that is missing would cost a break. So links of earlier runs count as
-- well as what the orders say now, and rooms are taken with two days on
-- either side, in which the neighbouring business day lies.
--
-- Numbers lead from the shop to the courier, from there back, and no further:
-- the later steps follow rooms alone (.Numbers is false), so that the long
-- table of orders is read as seldom as may be.
CREATE OR REPLACE TEMP TABLE scope_edge AS
SELECT source, account, order_id FROM scope WHERE hop = (SELECT max(hop) FROM scope);

CREATE OR REPLACE TEMP TABLE scope_fringe AS
SELECT o.source, o.account, o.order_id, o.order_no, o.channel, o.link_ref, o.room_no, o.created_at
FROM main.orders o
SEMI JOIN scope_edge s ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
{{- if not .Numbers}}
WHERE o.source = 'tuya'
{{- end}};

{{if .Numbers -}}
-- The numbers by which couriers know the shop's orders among them.
CREATE OR REPLACE TEMP TABLE scope_number AS
SELECT DISTINCT c.source, c.account,
    CASE c.number WHEN 'order_id' THEN f.order_id WHEN 'order_no' THEN f.order_no END AS number
FROM recon.couriers c
JOIN scope_fringe f ON f.source = c.shop_source AND f.account = c.shop_account
WHERE c.number <> 'waybill_no'
UNION
SELECT c.source, c.account, d.waybill_no
FROM recon.couriers c
JOIN main.deliveries d ON d.source = c.shop_source AND d.account = c.shop_account
SEMI JOIN scope_edge f ON d.source = f.source AND d.account = f.account AND d.order_id = f.order_id
WHERE c.number = 'waybill_no';

-- The numbers of their payments.
CREATE OR REPLACE TEMP TABLE scope_payment AS
SELECT DISTINCT p.source, number.kind, number.text AS number
FROM main.payments p
SEMI JOIN scope_edge f ON p.source = f.source AND p.account = f.account AND p.order_id = f.order_id
CROSS JOIN LATERAL (VALUES ('flow_no', trim(p.flow_no)), ('external_pay_id', trim(p.external_pay_id))) number(kind, text)
WHERE number.text <> '';

-- The numbers by which the shops know the couriers' orders among them.
CREATE OR REPLACE TEMP TABLE scope_reference AS
SELECT DISTINCT c.shop_source AS source, c.shop_account AS account, c.number AS kind, unnest([f.link_ref, f.order_id]) AS number
FROM recon.couriers c
JOIN scope_fringe f ON f.source = c.source AND f.account = c.account;
{{- end}}

-- The times at which their rooms are looked at, by week: a join on equal weeks
-- is cheap, one on overlapping times alone is not.
CREATE OR REPLACE TEMP TABLE scope_room AS
SELECT *, unnest(range(epoch_us(from_at) // 604800000000, epoch_us(to_at) // 604800000000 + 1)) AS week
FROM (
    SELECT DISTINCT p.place, coalesce(r.pms_room_no, t.room_no) AS room_no,
        t.from_at - INTERVAL 2 DAY AS from_at, t.to_at + INTERVAL 2 DAY AS to_at
    FROM (
        SELECT s.source, s.account, s.room_no, s.arrival_at AS from_at, stay_end(s.arrival_at, s.departure_at) AS to_at
        FROM main.stays s
        SEMI JOIN scope_edge f ON s.source = f.source AND s.account = f.account AND s.order_id = f.order_id
        UNION ALL
        SELECT source, account, room_no, created_at, created_at FROM scope_fringe WHERE source = 'tuya'
    ) t
    JOIN recon.places p ON p.source = t.source AND p.account = t.account
    LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = t.room_no AND t.source <> 'starhotel'
    WHERE t.room_no IS NOT NULL AND t.from_at IS NOT NULL
);

INSERT INTO scope
WITH next AS (
    {{- if .Numbers}}
    -- The same number in one channel.
    SELECT o.source, o.account, o.order_id
    FROM main.orders o
    JOIN (SELECT DISTINCT source, account, channel, order_no FROM scope_fringe) f
        ON o.source = f.source AND o.account = f.account AND o.order_no = f.order_no AND o.channel IS NOT DISTINCT FROM f.channel
    UNION ALL
    -- The same payment.
    SELECT p.source, p.account, p.order_id
    FROM main.payments p
    JOIN scope_payment n ON n.kind = 'flow_no' AND p.source = n.source AND trim(p.flow_no) = n.number
    UNION ALL
    SELECT p.source, p.account, p.order_id
    FROM main.payments p
    JOIN scope_payment n ON n.kind = 'external_pay_id' AND p.source = n.source AND trim(p.external_pay_id) = n.number
    UNION ALL
    -- From the shop to the courier.
    SELECT o.source, o.account, o.order_id
    FROM main.orders o
    JOIN scope_number n ON o.source = n.source AND o.account = n.account AND o.link_ref = n.number
    UNION ALL
    SELECT source, account, number FROM scope_number
    UNION ALL
    -- From the courier to the shop.
    SELECT source, account, number FROM scope_reference WHERE kind = 'order_id'
    UNION ALL
    SELECT o.source, o.account, o.order_id
    FROM main.orders o
    JOIN (SELECT * FROM scope_reference WHERE kind = 'order_no') n
        ON o.source = n.source AND o.account = n.account AND o.order_no = n.number
    UNION ALL
    SELECT d.source, d.account, d.order_id
    FROM main.deliveries d
    JOIN (SELECT * FROM scope_reference WHERE kind = 'waybill_no') n
        ON d.source = n.source AND d.account = n.account AND d.waybill_no = n.number
    UNION ALL
    {{- end}}
    -- What they were matched with before, in either direction.
    SELECT l.right_source AS source, l.right_account AS account, l.right_order_id AS order_id
    FROM recon.links l
    SEMI JOIN scope_edge f ON l.source = f.source AND l.account = f.account AND l.order_id = f.order_id
    UNION ALL
    SELECT l.source, l.account, l.order_id
    FROM recon.links l
    SEMI JOIN scope_edge f ON l.right_source = f.source AND l.right_account = f.account AND l.right_order_id = f.order_id
    UNION ALL
    -- Orders that more than one stay might have placed: which rooms a stay that
    -- changed was in before, nothing tells.
    SELECT l.source, l.account, l.order_id
    FROM recon.links l
    WHERE l.rule = 'room_order' AND l.certainty = 'possible'
      AND (l.right_source, l.right_account) IN (SELECT (source, account) FROM scope_edge)
    UNION ALL
    -- The same room at the same time: stays, and orders placed in it.
    SELECT t.source, t.account, t.order_id
    FROM (
        SELECT p.place, s.source, s.account, s.order_id, coalesce(r.pms_room_no, s.room_no) AS room_no,
            s.arrival_at AS from_at, stay_end(s.arrival_at, s.departure_at) AS to_at,
            unnest(range(epoch_us(s.arrival_at) // 604800000000, epoch_us(stay_end(s.arrival_at, s.departure_at)) // 604800000000 + 1)) AS week
        FROM main.stays s
        JOIN recon.places p ON p.source = s.source AND p.account = s.account
        LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = s.room_no AND s.source <> 'starhotel'
        WHERE s.arrival_at <= (SELECT max(to_at) FROM scope_room)
            AND stay_end(s.arrival_at, s.departure_at) >= (SELECT min(from_at) FROM scope_room)
    ) t
    JOIN scope_room w ON w.place = t.place AND w.room_no = t.room_no AND w.week = t.week AND t.from_at <= w.to_at AND t.to_at >= w.from_at
    UNION ALL
    SELECT o.source, o.account, o.order_id
    FROM main.orders o
    JOIN recon.places p ON p.source = o.source AND p.account = o.account
    LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = o.room_no
    JOIN scope_room w ON w.place = p.place AND w.room_no = coalesce(r.pms_room_no, o.room_no)
        AND w.week = epoch_us(o.created_at) // 604800000000 AND o.created_at BETWEEN w.from_at AND w.to_at
    WHERE o.source = 'tuya'
        AND o.created_at BETWEEN (SELECT min(from_at) FROM scope_room) AND (SELECT max(to_at) FROM scope_room)
)
SELECT DISTINCT n.source, n.account, n.order_id, (SELECT max(hop) + 1 FROM scope)
FROM next n
ANTI JOIN scope s ON s.source = n.source AND s.account = n.account AND s.order_id = n.order_id
WHERE n.order_id IS NOT NULL;
