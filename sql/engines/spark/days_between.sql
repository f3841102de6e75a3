-- macro: days_between(later, earlier)
-- gives: BIGINT, the days from the earlier date to the later
CAST(datediff(later, earlier) AS BIGINT)
