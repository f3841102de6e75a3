-- macro: age_from(days)
-- gives: INTEGER, the first day of that age, to sort by
CASE WHEN days < 0 THEN NULL WHEN days <= 7 THEN 0 WHEN days <= 30 THEN 8 WHEN days <= 90 THEN 31 WHEN days > 90 THEN 91 END
