-- macro: dates(first_date, last_date)
-- gives: a table of one column, business_date: each DATE from the first to the last, both
--   inclusive; none where one is null or the last is before the first
SELECT each_day(first_date, last_date) AS business_date
