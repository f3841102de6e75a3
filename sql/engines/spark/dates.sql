-- macro: dates(first_date, last_date)
-- gives: a table of one column, business_date: each DATE from the first to the last, both
--   inclusive; none where one is null or the last is before the first

-- sequence would count backwards.
SELECT explode(CASE WHEN first_date <= last_date THEN sequence(first_date, last_date) END) AS business_date
