-- macro: hotel_daily()
-- gives: a table: the figures of a hotel, one row for each date and account of a PMS, from the
--   first night that is known to the last date that is over or booked

-- Rooms with an amount that is not known are counted apart (rooms_unpriced):
-- without them the average rate is that of the others, and the revenue per
-- available room is not known. Several currencies are not added up.
--
-- The number of rooms to sell is the configuration's; where it says none, the
-- different rooms that stays were in within the 365 days up to the date stand
-- in for it, and rooms_basis says so: too few where a room was empty all year.
WITH complete AS (
    SELECT business_date AS over_to FROM last_complete()
),
nights AS (
    SELECT * FROM room_nights() WHERE flow = 'revenue'
),
days AS (
    SELECT place, source, account, over_to, each_day(first_night, greatest(last_night, over_to)) AS business_date
    FROM (
        SELECT place, source, account, min(business_date) AS first_night, max(business_date) AS last_night
        FROM nights
        GROUP BY place, source, account
    )
    CROSS JOIN complete
),
counted AS (
    SELECT place, source, account, business_date,
        count(DISTINCT room) FILTER (WHERE night_status = 'occupied') AS rooms_occupied,
        count(DISTINCT room) FILTER (WHERE night_status = 'occupied' AND room_amount IS NOT NULL) AS rooms_priced,
        count(DISTINCT room) FILTER (WHERE night_status = 'booked') AS rooms_booked,
        sum(guest_count) FILTER (WHERE night_status = 'occupied')::BIGINT AS guests,
        count(*) FILTER (WHERE night_no = 1 AND (night_status = 'occupied' OR night_status = 'booked' AND NOT is_over)) AS arrivals,
        CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS currency,
        count(DISTINCT currency) <= 1 AS is_one_currency,
        sum(room_amount) FILTER (WHERE night_status = 'occupied') AS room_amount,
        sum(unspread_amount) FILTER (WHERE night_status = 'occupied') AS unspread_amount,
        count(*) FILTER (WHERE night_status = 'canceled') AS canceled_nights,
        sum(coalesce(room_amount, unspread_amount)) FILTER (WHERE night_status = 'canceled') AS canceled_amount
    FROM nights
    GROUP BY place, source, account, business_date
),
departed AS (
    SELECT n.place, n.source, n.account, n.departure_date AS business_date, count(*) AS departures
    FROM nights n
    CROSS JOIN complete c
    WHERE n.night_no = 1
      AND (n.stay_status = 'completed'
        OR n.stay_status IN ('confirmed', 'in_progress') AND n.departure_date > c.over_to)
    GROUP BY n.place, n.source, n.account, n.departure_date
),
-- The nights with a guest in a room, each with the one before it in that room.
rooms AS (
    SELECT *, lag(business_date) OVER (PARTITION BY place, source, account, room ORDER BY business_date NULLS LAST) AS night_before
    FROM (
        SELECT DISTINCT place, source, account, room, business_date
        FROM nights
        WHERE night_status = 'occupied' AND room_no IS NOT NULL
    )
),
-- A night makes its room count for 365 days, of which the night before had made some:
-- by how many rooms the number changes on each date.
changes AS (
    SELECT place, source, account, business_date, sum(rooms) AS rooms
    FROM (
        SELECT place, source, account, greatest(business_date, night_before + 365) AS business_date, 1 AS rooms FROM rooms
        UNION ALL
        SELECT place, source, account, business_date + 365, -1 FROM rooms
    )
    GROUP BY place, source, account, business_date
),
seen AS (
    SELECT d.place, d.source, d.account, d.business_date, coalesce(d.business_date <= d.over_to, false) AS is_over,
        (sum(coalesce(c.rooms, 0)) OVER (PARTITION BY d.place, d.source, d.account ORDER BY d.business_date NULLS LAST))::BIGINT AS rooms_seen
    FROM days d
    LEFT JOIN changes c
        ON c.source = d.source AND c.account = d.account AND c.place IS NOT DISTINCT FROM d.place AND c.business_date = d.business_date
),
joined AS (
    SELECT d.business_date, d.place, d.source, d.account,
        coalesce(h.rooms_available, nullif(d.rooms_seen, 0)) AS rooms_available,
        CASE WHEN h.rooms_available IS NOT NULL THEN 'configured' WHEN d.rooms_seen > 0 THEN 'seen' END AS rooms_basis,
        -- Of a date that is not over nobody knows yet.
        CASE WHEN d.is_over THEN coalesce(c.rooms_occupied, 0) END AS rooms_occupied,
        CASE WHEN d.is_over THEN coalesce(c.rooms_priced, 0) END AS rooms_priced,
        coalesce(c.rooms_booked, 0) AS rooms_booked,
        CASE WHEN d.is_over AND coalesce(c.rooms_occupied, 0) = 0 THEN 0 WHEN d.is_over THEN c.guests END AS guests,
        coalesce(c.arrivals, 0) AS arrivals,
        coalesce(x.departures, 0) AS departures,
        c.currency,
        (CASE
            WHEN NOT d.is_over THEN NULL
            WHEN coalesce(c.rooms_occupied, 0) = 0 THEN 0
            WHEN c.is_one_currency THEN c.room_amount
        END)::DECIMAL(38,4) AS room_amount,
        (CASE WHEN c.is_one_currency THEN c.unspread_amount END)::DECIMAL(38,4) AS unspread_amount,
        coalesce(c.canceled_nights, 0) AS canceled_nights,
        (CASE WHEN c.is_one_currency THEN c.canceled_amount END)::DECIMAL(38,4) AS canceled_amount
    FROM seen d
    LEFT JOIN counted c
        ON c.source = d.source AND c.account = d.account AND c.place IS NOT DISTINCT FROM d.place AND c.business_date = d.business_date
    LEFT JOIN departed x
        ON x.source = d.source AND x.account = d.account AND x.place IS NOT DISTINCT FROM d.place AND x.business_date = d.business_date
    LEFT JOIN audit.hotel_rooms h ON h.source = d.source AND h.account = d.account
)
SELECT
    business_date, place, source, account, rooms_available, rooms_basis, rooms_occupied,
    share_of(rooms_occupied, rooms_available) AS occupancy,
    currency, room_amount,
    rooms_occupied - rooms_priced AS rooms_unpriced,
    per_room(room_amount, rooms_priced) AS average_daily_rate,
    CASE WHEN rooms_occupied = rooms_priced THEN per_room(room_amount, rooms_available) END AS revenue_per_available_room,
    arrivals, departures, guests, rooms_booked, unspread_amount, canceled_nights, canceled_amount
FROM joined
