-- macro: stay_end(arrival, departure)
-- gives: instant at which a stay ends: without a departure it is taken to be of one night; three
--   years are the most, for some systems write 9999-12-31
least(greatest(coalesce(departure, arrival + INTERVAL 1 DAY), arrival), arrival + INTERVAL 1096 DAY)
