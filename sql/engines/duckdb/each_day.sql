-- macro: each_day(first_date, last_date)
-- gives: DATE, a column that makes of its row one for each date from the first to the last, both
--   inclusive; none where one is null or the last is before the first. A SELECT has one such
--   column, and it is no part of an expression
CAST(unnest(generate_series(first_date, last_date, INTERVAL 1 DAY)) AS DATE)
