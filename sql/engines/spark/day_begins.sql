-- macro: day_begins(business_date, zone, day_start)
-- gives: instant at which a business date begins by the wall clock of the zone, so that days
--   on which clocks change need no rule

-- The lake has the time of day as text, for Spark 4.0 has no type of it.
to_utc_timestamp(CAST(concat(CAST(business_date AS STRING), ' ', day_start) AS TIMESTAMP), zone)
