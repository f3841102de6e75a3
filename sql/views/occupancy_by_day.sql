-- A room is occupied on each business day from that of the arrival to that
-- before the departure; a stay that leaves on the day it came counts on that
-- day. Systems of one place see the same rooms, so each has rows of its own.
CREATE OR REPLACE VIEW main.occupancy_by_day AS
WITH stayed AS (
    SELECT s.source, s.account, s.order_id, s.stay_id, s.room_no, s.status, s.guest_count, s.arrival_date, s.departure_date,
        -- Some systems write 9999-12-31: three years are the most.
        unnest(generate_series(
            s.arrival_date,
            greatest(s.arrival_date, least(coalesce(s.departure_date, s.arrival_date + 1), s.arrival_date + 1096) - 1),
            INTERVAL 1 DAY
        ))::DATE AS business_date
    FROM main.stays s
    JOIN main.classified_orders o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
    WHERE o.standing NOT IN ('deleted', 'canceled')
      AND s.status IN ('confirmed', 'in_progress', 'completed')
      AND s.arrival_date IS NOT NULL
),
rooms AS (
    SELECT *,
        -- pii.rooms may leave the number out: each stay is then a room.
        coalesce(room_no, order_id || '/' || stay_id) AS room,
        -- A guest who is here has stayed on the dates that are over; those to
        -- come are booked.
        status = 'completed' OR (status = 'in_progress' AND business_date <= (SELECT c.business_date FROM audit.last_complete c)) AS is_occupied
    FROM stayed
)
SELECT
    r.business_date,
    p.place,
    r.source,
    r.account,
    count(DISTINCT r.room) FILTER (r.is_occupied) AS rooms_occupied,
    count(DISTINCT r.room) FILTER (NOT r.is_occupied) AS rooms_booked,
    sum(r.guest_count) FILTER (r.is_occupied)::BIGINT AS guests,
    count(*) FILTER (r.arrival_date = r.business_date) AS arrivals
FROM rooms r
LEFT JOIN recon.places p ON p.source = r.source AND p.account = r.account
GROUP BY r.business_date, p.place, r.source, r.account;
