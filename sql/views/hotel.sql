-- What hoteliers count: nights of rooms, what they earn, and what follows from
-- both. A night belongs to the business date on which it begins.

-- n / d rounded half away from zero, in whole numbers: a division of decimals
-- would be one of floats. Null where d is 0.
CREATE OR REPLACE MACRO main.rounded_quotient(n, d) AS
    CASE WHEN d > 0 THEN sign(n) * ((2 * abs(n) + d) // (2 * d)) END;

-- An amount for each of so many rooms, to the cent.
CREATE OR REPLACE MACRO main.per_room(amount, rooms) AS
    (main.rounded_quotient((amount::DECIMAL(30,4) * 10000)::HUGEINT, rooms::HUGEINT * 100)::DECIMAL(30,0) * 0.01::DECIMAL(3,2))::DECIMAL(18,2);

-- A part of a whole, to the hundredth of a percent: 0.8333.
CREATE OR REPLACE MACRO main.share_of(part, whole) AS
    (main.rounded_quotient(part::HUGEINT * 10000, whole::HUGEINT)::DECIMAL(14,0) * 0.0001::DECIMAL(5,4))::DECIMAL(9,4);

-- One row for each night of each stay.
--
-- A stay has the nights from its arrival to that before its departure; one that
-- leaves on the day it came has one. The room's amount is spread over them in
-- equal parts to the cent, and what does not divide is on the last night, so
-- that the nights add up to the amount. A departure that is missing, or more
-- than three years away (some systems write 9999-12-31), is not known: the
-- guest is there until the last date that is over, or, where nothing says that
-- he stayed on, on the night of arrival; nobody knows over how many nights the
-- amount goes, so it stands whole and apart on the first (unspread_amount).
CREATE OR REPLACE VIEW main.room_nights AS
WITH stayed AS (
    SELECT s.source, s.account, s.order_id, s.stay_id, o.flow, s.room_no, s.room_type, s.guest_count, s.status, s.currency, s.room_amount,
        s.arrival_date, l.business_date AS over_to,
        CASE WHEN s.departure_date <= s.arrival_date + 1096 THEN greatest(s.departure_date, s.arrival_date) END AS departure_date,
        CASE
            WHEN o.standing <> 'live' OR coalesce(s.status IN ('canceled', 'closed', 'refunded'), false) THEN 'canceled'
            WHEN s.status IN ('confirmed', 'in_progress', 'completed') THEN s.status
            ELSE 'unconfirmed'
        END AS standing
    FROM main.stays s
    JOIN main.classified_orders o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
    CROSS JOIN audit.last_complete l
    WHERE o.standing <> 'deleted' AND s.arrival_date IS NOT NULL
),
counted AS (
    SELECT *,
        CASE WHEN departure_date IS NOT NULL THEN greatest(departure_date - arrival_date, 1) END AS nights,
        CASE
            WHEN departure_date IS NOT NULL THEN greatest(departure_date - arrival_date, 1)
            -- Here still, as far as is known: up to three years.
            WHEN standing = 'in_progress' THEN least(greatest(over_to - arrival_date + 1, 1), 1096)
            ELSE 1
        END AS rows
    FROM stayed
),
shared AS (
    SELECT *, (trunc(room_amount * 100)::HUGEINT // nights)::DECIMAL(18,0) * 0.01::DECIMAL(3,2) AS part
    FROM counted
),
nights AS (
    SELECT *, unnest(range(1, rows + 1))::BIGINT AS night_no
    FROM shared
)
SELECT
    arrival_date + (night_no - 1)::INTEGER AS business_date,
    p.place,
    n.source,
    n.account,
    n.order_id,
    n.stay_id,
    n.night_no,
    n.nights,
    n.flow,
    n.room_no,
    -- pii.rooms may leave the number out: each stay is then a room.
    coalesce(n.room_no, n.order_id || '/' || coalesce(n.stay_id, '')) AS room,
    n.room_type,
    n.guest_count,
    n.standing AS stay_status,
    CASE
        WHEN standing = 'completed' THEN 'occupied'
        -- A guest who is here has stayed on the dates that are over; those to
        -- come are booked.
        WHEN standing = 'in_progress' AND arrival_date + (night_no - 1)::INTEGER <= over_to THEN 'occupied'
        WHEN standing IN ('confirmed', 'in_progress') THEN 'booked'
        ELSE standing
    END AS night_status,
    n.arrival_date,
    n.departure_date,
    coalesce(arrival_date + (night_no - 1)::INTEGER <= over_to, false) AS is_over,
    n.currency,
    (CASE WHEN night_no < nights THEN part WHEN night_no = nights THEN room_amount - part * (nights - 1) END)::DECIMAL(18,4) AS room_amount,
    CASE WHEN nights IS NULL AND night_no = 1 THEN room_amount END AS unspread_amount
FROM nights n
LEFT JOIN recon.places p ON p.source = n.source AND p.account = n.account;

-- The figures of a hotel, one row for each date and account of a PMS, from the
-- first night that is known to the last date that is over or booked. Rooms with
-- an amount that is not known are counted apart (rooms_unpriced): without them
-- the average rate is that of the others, and the revenue per available room is
-- not known. Several currencies are not added up.
--
-- The number of rooms to sell is the configuration's; where it says none, the
-- different rooms that stays were in within the 365 days up to the date stand
-- in for it, and rooms_basis says so: too few where a room was empty all year.
CREATE OR REPLACE VIEW main.hotel_daily AS
WITH nights AS (
    SELECT * FROM main.room_nights WHERE flow = 'revenue'
),
days AS (
    SELECT place, source, account,
        unnest(generate_series(min(business_date), greatest(max(business_date), (SELECT business_date FROM audit.last_complete)), INTERVAL 1 DAY))::DATE AS business_date
    FROM nights
    GROUP BY place, source, account
),
counted AS (
    SELECT place, source, account, business_date,
        count(DISTINCT room) FILTER (night_status = 'occupied') AS rooms_occupied,
        count(DISTINCT room) FILTER (night_status = 'occupied' AND room_amount IS NOT NULL) AS rooms_priced,
        count(DISTINCT room) FILTER (night_status = 'booked') AS rooms_booked,
        sum(guest_count) FILTER (night_status = 'occupied')::BIGINT AS guests,
        count(*) FILTER (night_no = 1 AND (night_status = 'occupied' OR night_status = 'booked' AND NOT is_over)) AS arrivals,
        CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS currency,
        count(DISTINCT currency) <= 1 AS is_one_currency,
        sum(room_amount) FILTER (night_status = 'occupied') AS room_amount,
        sum(unspread_amount) FILTER (night_status = 'occupied') AS unspread_amount,
        count(*) FILTER (night_status = 'canceled') AS canceled_nights,
        sum(coalesce(room_amount, unspread_amount)) FILTER (night_status = 'canceled') AS canceled_amount
    FROM nights
    GROUP BY place, source, account, business_date
),
departed AS (
    SELECT place, source, account, departure_date AS business_date, count(*) AS departures
    FROM nights
    WHERE night_no = 1
      AND (stay_status = 'completed'
        OR stay_status IN ('confirmed', 'in_progress') AND departure_date > (SELECT business_date FROM audit.last_complete))
    GROUP BY place, source, account, departure_date
),
-- When a guest was last in a room, up to each date.
rooms AS (
    SELECT DISTINCT place, source, account, room, business_date
    FROM nights
    WHERE night_status = 'occupied' AND room_no IS NOT NULL
),
seen AS (
    SELECT d.place, d.source, d.account, d.business_date, count(r.room) FILTER (r.business_date > d.business_date - 365) AS rooms_seen
    FROM (
        SELECT d.*, x.room
        FROM days d
        JOIN (SELECT DISTINCT place, source, account, room FROM rooms) x
            ON x.source = d.source AND x.account = d.account AND x.place IS NOT DISTINCT FROM d.place
    ) d
    ASOF LEFT JOIN (SELECT * REPLACE (coalesce(place, '') AS place) FROM rooms) r
        ON r.source = d.source AND r.account = d.account AND r.place = coalesce(d.place, '') AND r.room = d.room AND r.business_date <= d.business_date
    GROUP BY ALL
),
joined AS (
    SELECT d.business_date, d.place, d.source, d.account,
        coalesce(h.rooms_available, nullif(s.rooms_seen, 0)) AS rooms_available,
        CASE WHEN h.rooms_available IS NOT NULL THEN 'configured' WHEN s.rooms_seen > 0 THEN 'seen' END AS rooms_basis,
        -- Of a date that is not over nobody knows yet.
        CASE WHEN d.is_over THEN coalesce(c.rooms_occupied, 0) END AS rooms_occupied,
        CASE WHEN d.is_over THEN coalesce(c.rooms_priced, 0) END AS rooms_priced,
        coalesce(c.rooms_booked, 0) AS rooms_booked,
        CASE WHEN d.is_over AND coalesce(c.rooms_occupied, 0) = 0 THEN 0 WHEN d.is_over THEN c.guests END AS guests,
        coalesce(c.arrivals, 0) AS arrivals,
        coalesce(x.departures, 0) AS departures,
        c.currency,
        CASE
            WHEN NOT d.is_over THEN NULL
            WHEN coalesce(c.rooms_occupied, 0) = 0 THEN 0
            WHEN c.is_one_currency THEN c.room_amount
        END::DECIMAL(38,4) AS room_amount,
        CASE WHEN c.is_one_currency THEN c.unspread_amount END::DECIMAL(38,4) AS unspread_amount,
        coalesce(c.canceled_nights, 0) AS canceled_nights,
        CASE WHEN c.is_one_currency THEN c.canceled_amount END::DECIMAL(38,4) AS canceled_amount
    FROM (SELECT *, coalesce(business_date <= (SELECT business_date FROM audit.last_complete), false) AS is_over FROM days) d
    LEFT JOIN counted c
        ON c.source = d.source AND c.account = d.account AND c.place IS NOT DISTINCT FROM d.place AND c.business_date = d.business_date
    LEFT JOIN departed x
        ON x.source = d.source AND x.account = d.account AND x.place IS NOT DISTINCT FROM d.place AND x.business_date = d.business_date
    LEFT JOIN seen s
        ON s.source = d.source AND s.account = d.account AND s.place IS NOT DISTINCT FROM d.place AND s.business_date = d.business_date
    LEFT JOIN audit.hotel_rooms h ON h.source = d.source AND h.account = d.account
)
SELECT
    business_date, place, source, account, rooms_available, rooms_basis, rooms_occupied,
    main.share_of(rooms_occupied, rooms_available) AS occupancy,
    currency, room_amount,
    rooms_occupied - rooms_priced AS rooms_unpriced,
    main.per_room(room_amount, rooms_priced) AS average_daily_rate,
    CASE WHEN rooms_occupied = rooms_priced THEN main.per_room(room_amount, rooms_available) END AS revenue_per_available_room,
    arrivals, departures, guests, rooms_booked, unspread_amount, canceled_nights, canceled_amount
FROM joined;

-- The same beside the day before, the same weekday a week ago and the month to
-- date. The ratios of the month are those of its sums.
CREATE OR REPLACE VIEW main.hotel_compared AS
WITH summed AS (
    SELECT *,
        CASE WHEN count(*) OVER so_far = count(rooms_occupied) OVER so_far THEN sum(rooms_occupied) OVER so_far END AS rooms_occupied_month,
        CASE WHEN count(*) OVER so_far = count(rooms_available) OVER so_far THEN sum(rooms_available) OVER so_far END AS rooms_available_month,
        sum(rooms_unpriced) OVER so_far AS rooms_unpriced_month,
        CASE
            WHEN count(*) OVER so_far = count(room_amount) OVER so_far AND min(currency) OVER so_far IS NOT DISTINCT FROM max(currency) OVER so_far
                THEN sum(room_amount) OVER so_far
        END::DECIMAL(38,4) AS room_amount_month,
        sum(arrivals) OVER so_far AS arrivals_month,
        sum(departures) OVER so_far AS departures_month
    FROM main.hotel_daily
    WINDOW so_far AS (PARTITION BY place, source, account, date_trunc('month', business_date) ORDER BY business_date)
)
SELECT
    * EXCLUDE (rooms_occupied_month, rooms_available_month, rooms_unpriced_month, room_amount_month, arrivals_month, departures_month),
    lag(rooms_occupied) OVER each_day AS rooms_occupied_day_before,
    lag(rooms_occupied, 7) OVER each_day AS rooms_occupied_week_before,
    lag(occupancy) OVER each_day AS occupancy_day_before,
    lag(occupancy, 7) OVER each_day AS occupancy_week_before,
    lag(room_amount) OVER each_day AS room_amount_day_before,
    lag(room_amount, 7) OVER each_day AS room_amount_week_before,
    lag(average_daily_rate) OVER each_day AS average_daily_rate_day_before,
    lag(average_daily_rate, 7) OVER each_day AS average_daily_rate_week_before,
    lag(revenue_per_available_room) OVER each_day AS revenue_per_available_room_day_before,
    lag(revenue_per_available_room, 7) OVER each_day AS revenue_per_available_room_week_before,
    lag(arrivals) OVER each_day AS arrivals_day_before,
    lag(arrivals, 7) OVER each_day AS arrivals_week_before,
    lag(departures) OVER each_day AS departures_day_before,
    lag(departures, 7) OVER each_day AS departures_week_before,
    rooms_occupied_month::BIGINT AS rooms_occupied_month,
    main.share_of(rooms_occupied_month, rooms_available_month) AS occupancy_month,
    room_amount_month,
    main.per_room(room_amount_month, rooms_occupied_month - rooms_unpriced_month) AS average_daily_rate_month,
    CASE WHEN rooms_unpriced_month = 0 THEN main.per_room(room_amount_month, rooms_available_month) END AS revenue_per_available_room_month,
    rooms_unpriced_month::BIGINT AS rooms_unpriced_month,
    arrivals_month::BIGINT AS arrivals_month,
    departures_month::BIGINT AS departures_month
FROM summed
WINDOW each_day AS (PARTITION BY place, source, account ORDER BY business_date);
