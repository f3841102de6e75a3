-- macro: local_date(zone, instant)
-- gives: DATE, the day that it is in the zone at the instant
CAST(timezone(zone, instant) AS DATE)
