-- macro: minute_text(zone, instant)
-- gives: STRING, the wall clock of the zone at the instant: 2026-03-09 08:00
date_format(from_utc_timestamp(instant, zone), 'yyyy-MM-dd HH:mm')
