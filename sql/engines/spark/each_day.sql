-- macro: each_day(first_date, last_date)
-- gives: DATE, a column that makes of its row one for each date from the first to the last, both
--   inclusive; none where one is null or the last is before the first. A SELECT has one such
--   column, and it is no part of an expression

-- sequence would count backwards.
explode(CASE WHEN first_date <= last_date THEN sequence(first_date, last_date) END)
