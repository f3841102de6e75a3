-- macro: dates(first_date, last_date)
-- gives: a table of one column, business_date: each DATE from the first to the last, both
--   inclusive; none where one is null or the last is before the first
SELECT CAST(unnest(generate_series(first_date, last_date, INTERVAL 1 DAY)) AS DATE) AS business_date
