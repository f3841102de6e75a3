-- The orders that were placed in a room of a place.
SELECT p.place, o.source, o.account, o.order_id, coalesce(r.pms_room_no, o.room_no) AS room_no, o.created_at
FROM recon.places p
JOIN orders o ON o.source = p.source AND o.account = p.account
LEFT JOIN recon.place_rooms r ON r.place = p.place AND r.room_no = o.room_no
WHERE o.source = 'tuya' AND o.room_no IS NOT NULL AND o.created_at IS NOT NULL
