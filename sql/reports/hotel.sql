-- name: hotel
-- title.en: Hotel
-- title.zh: 酒店经营
-- description.en: The figures of each hotel by business date, from the nights of its stays: rooms, occupancy, average daily rate (ADR), revenue per available room (RevPAR), arrivals and departures, beside those of the day before, of the same weekday a week ago and of the month to date. A stay's amount is spread over its nights; canceled, closed (no-show) and refunded nights stand apart.
-- description.zh: 各酒店按营业日的经营数据，以住宿间夜为准：房间、入住率、平均房价（ADR）、每间可售房收入（RevPAR）、到店与离店，并列前一日、上周同日和本月累计。房费按晚分摊；取消、关闭（未到）及退款的间夜单列。
-- table: main.hotel_compared
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.average_daily_rate: Average daily rate (ADR)
-- label.zh.average_daily_rate: 平均房价
-- label.en.revenue_per_available_room: Revenue per available room (RevPAR)
-- label.zh.revenue_per_available_room: 每间可售房收入
-- width.average_daily_rate: 13
-- width.revenue_per_available_room: 14
-- values.rooms_basis: rooms_basis
-- format.occupancy: share
-- format.occupancy_day_before: share
-- format.occupancy_week_before: share
-- format.occupancy_month: share
-- print_to: canceled_amount
-- width.currency: 9
-- width.rooms_occupied: 11
-- width.arrivals: 9
-- width.departures: 11
-- width.rooms_unpriced: 11
-- width.canceled_nights: 10
SELECT
    business_date,
    place,
    rooms_occupied,
    rooms_available,
    occupancy,
    room_amount,
    average_daily_rate,
    revenue_per_available_room,
    currency,
    arrivals,
    departures,
    rooms_unpriced,
    canceled_nights,
    canceled_amount,
    guests,
    unspread_amount,
    rooms_basis,
    rooms_booked,
    source,
    account,
    rooms_occupied_day_before,
    rooms_occupied_week_before,
    occupancy_day_before,
    occupancy_week_before,
    room_amount_day_before,
    room_amount_week_before,
    average_daily_rate_day_before,
    average_daily_rate_week_before,
    revenue_per_available_room_day_before,
    revenue_per_available_room_week_before,
    arrivals_day_before,
    arrivals_week_before,
    departures_day_before,
    departures_week_before,
    rooms_occupied_month,
    occupancy_month,
    room_amount_month,
    average_daily_rate_month,
    revenue_per_available_room_month,
    rooms_unpriced_month,
    arrivals_month,
    departures_month
FROM hotel_compared()
WHERE business_date BETWEEN $date_from::DATE AND $date_to::DATE
ORDER BY place NULLS LAST, source NULLS LAST, account NULLS LAST, business_date DESC
