-- The stays of each place.
SELECT
    p.place, s.source, s.account, s.order_id, s.stay_id,
    coalesce(r.pms_room_no, s.room_no) AS room_no,
    s.status,
    s.arrival_at AS from_at, stay_end(s.arrival_at, s.departure_at) AS to_at,
    s.arrival_date, s.departure_date
FROM recon.places p
JOIN stays s ON s.source = p.source AND s.account = p.account
JOIN orders o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = s.room_no AND s.source <> 'starhotel'
-- A stay that was called off, or for which nobody came, is none.
WHERE s.room_no IS NOT NULL
    AND s.arrival_at IS NOT NULL
    AND s.status IS DISTINCT FROM 'canceled'
    AND s.status IS DISTINCT FROM 'closed'
    AND o.status IS DISTINCT FROM 'canceled'
