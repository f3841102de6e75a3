-- macro: room_nights()
-- gives: a table: one row for each night of each stay. A night belongs to the business date on
--   which it begins

-- A stay has the nights from its arrival to that before its departure; one that
-- leaves on the day it came has one. The room's amount is spread over them in
-- equal parts to the cent, and what does not divide is on the last night, so
-- that the nights add up to the amount. A departure that is missing, or more
-- than three years away (some systems write 9999-12-31), is not known: the
-- guest is there until the last date that is over, or, where nothing says that
-- he stayed on, on the night of arrival; nobody knows over how many nights the
-- amount goes, so it stands whole and apart on the first (unspread_amount).
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
    JOIN classified_orders() o ON o.source = s.source AND o.account = s.account AND o.order_id = s.order_id
    CROSS JOIN last_complete() l
    WHERE o.standing <> 'deleted' AND s.arrival_date IS NOT NULL
),
counted AS (
    SELECT *,
        CASE WHEN departure_date IS NOT NULL THEN greatest(days_between(departure_date, arrival_date), 1) END AS nights,
        CASE
            WHEN departure_date IS NOT NULL THEN greatest(departure_date - 1, arrival_date)
            -- Here still, as far as is known: up to three years.
            WHEN standing = 'in_progress' THEN least(greatest(over_to, arrival_date), arrival_date + 1095)
            ELSE arrival_date
        END AS last_night
    FROM stayed
),
shared AS (
    SELECT *,
        (CASE WHEN room_amount < 0 THEN -1 ELSE 1 END
            * whole_part((abs(room_amount)::DECIMAL(30,4) * 10000)::DECIMAL(38,0), 100 * nights))::DECIMAL(18,0) * 0.01::DECIMAL(3,2) AS part
    FROM counted
),
nights AS (
    SELECT *, days_between(business_date, arrival_date) + 1 AS night_no
    FROM (SELECT *, each_day(arrival_date, last_night) AS business_date FROM shared)
)
SELECT
    n.business_date,
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
        WHEN n.standing = 'completed' THEN 'occupied'
        -- A guest who is here has stayed on the dates that are over; those to
        -- come are booked.
        WHEN n.standing = 'in_progress' AND n.business_date <= n.over_to THEN 'occupied'
        WHEN n.standing IN ('confirmed', 'in_progress') THEN 'booked'
        ELSE n.standing
    END AS night_status,
    n.arrival_date,
    n.departure_date,
    coalesce(n.business_date <= n.over_to, false) AS is_over,
    n.currency,
    (CASE
        WHEN n.night_no < n.nights THEN n.part
        WHEN n.night_no = n.nights THEN n.room_amount - n.part * (n.nights - 1)
    END)::DECIMAL(18,4) AS room_amount,
    CASE WHEN n.nights IS NULL AND n.night_no = 1 THEN n.room_amount END AS unspread_amount
FROM nights n
LEFT JOIN recon.places p ON p.source = n.source AND p.account = n.account
