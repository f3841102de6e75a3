-- The nights of rooms by date, for every system that sees them. Systems of one
-- place see the same rooms, so each has rows of its own. hotel_daily has the
-- same figures of the PMS, and more.
CREATE OR REPLACE VIEW main.occupancy_by_day AS
SELECT
    business_date,
    place,
    source,
    account,
    count(DISTINCT room) FILTER (night_status = 'occupied') AS rooms_occupied,
    count(DISTINCT room) FILTER (night_status = 'booked') AS rooms_booked,
    sum(guest_count) FILTER (night_status = 'occupied')::BIGINT AS guests,
    count(*) FILTER (night_no = 1 AND (night_status = 'occupied' OR night_status = 'booked' AND NOT is_over)) AS arrivals
FROM main.room_nights
WHERE night_status IN ('occupied', 'booked')
GROUP BY business_date, place, source, account;
