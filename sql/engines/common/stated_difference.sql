-- macro: stated_difference(expected, actual, difference)
-- gives: DECIMAL, the difference of a break in money; null where it is one of statuses or
--   dates and neither side states an amount: its difference is not 0.00
CASE WHEN coalesce(expected, actual) IS NOT NULL THEN difference END
