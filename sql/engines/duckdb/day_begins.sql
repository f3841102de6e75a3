-- macro: day_begins(business_date, zone, day_start)
-- gives: instant at which a business date begins by the wall clock of the zone, so that days
--   on which clocks change need no rule
timezone(zone, business_date + day_start)
