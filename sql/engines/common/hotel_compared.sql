-- macro: hotel_compared()
-- gives: a table: hotel_daily beside the day before, the same weekday a week ago and the month to
--   date. The ratios of the month are those of its sums
WITH summed AS (
    SELECT *,
        CASE WHEN count(*) OVER so_far = count(rooms_occupied) OVER so_far THEN sum(rooms_occupied) OVER so_far END AS occupied_so_far,
        CASE WHEN count(*) OVER so_far = count(rooms_available) OVER so_far THEN sum(rooms_available) OVER so_far END AS available_so_far,
        sum(rooms_unpriced) OVER so_far AS unpriced_so_far,
        (CASE
            WHEN count(*) OVER so_far = count(room_amount) OVER so_far AND min(currency) OVER so_far IS NOT DISTINCT FROM max(currency) OVER so_far
                THEN sum(room_amount) OVER so_far
        END)::DECIMAL(38,4) AS amount_so_far,
        sum(arrivals) OVER so_far AS arrivals_so_far,
        sum(departures) OVER so_far AS departures_so_far
    FROM hotel_daily()
    WINDOW so_far AS (PARTITION BY place, source, account, date_trunc('month', business_date) ORDER BY business_date NULLS LAST)
)
SELECT
    business_date, place, source, account, rooms_available, rooms_basis, rooms_occupied, occupancy, currency, room_amount,
    rooms_unpriced, average_daily_rate, revenue_per_available_room, arrivals, departures, guests, rooms_booked,
    unspread_amount, canceled_nights, canceled_amount,
    lag(rooms_occupied) OVER each_date AS rooms_occupied_day_before,
    lag(rooms_occupied, 7) OVER each_date AS rooms_occupied_week_before,
    lag(occupancy) OVER each_date AS occupancy_day_before,
    lag(occupancy, 7) OVER each_date AS occupancy_week_before,
    lag(room_amount) OVER each_date AS room_amount_day_before,
    lag(room_amount, 7) OVER each_date AS room_amount_week_before,
    lag(average_daily_rate) OVER each_date AS average_daily_rate_day_before,
    lag(average_daily_rate, 7) OVER each_date AS average_daily_rate_week_before,
    lag(revenue_per_available_room) OVER each_date AS revenue_per_available_room_day_before,
    lag(revenue_per_available_room, 7) OVER each_date AS revenue_per_available_room_week_before,
    lag(arrivals) OVER each_date AS arrivals_day_before,
    lag(arrivals, 7) OVER each_date AS arrivals_week_before,
    lag(departures) OVER each_date AS departures_day_before,
    lag(departures, 7) OVER each_date AS departures_week_before,
    occupied_so_far::BIGINT AS rooms_occupied_month,
    share_of(occupied_so_far, available_so_far) AS occupancy_month,
    amount_so_far AS room_amount_month,
    per_room(amount_so_far, occupied_so_far - unpriced_so_far) AS average_daily_rate_month,
    CASE WHEN unpriced_so_far = 0 THEN per_room(amount_so_far, available_so_far) END AS revenue_per_available_room_month,
    unpriced_so_far::BIGINT AS rooms_unpriced_month,
    arrivals_so_far::BIGINT AS arrivals_month,
    departures_so_far::BIGINT AS departures_month
FROM summed
WINDOW each_date AS (PARTITION BY place, source, account ORDER BY business_date NULLS LAST)
