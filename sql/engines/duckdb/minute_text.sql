-- macro: minute_text(zone, instant)
-- gives: STRING, the wall clock of the zone at the instant: 2026-03-09 08:00
strftime(timezone(zone, instant), '%Y-%m-%d %H:%M')
