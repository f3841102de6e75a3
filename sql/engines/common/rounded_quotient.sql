-- macro: rounded_quotient(n, d)
-- gives: BIGINT, n / d rounded half away from zero, of whole numbers; null where d is not above 0
CASE WHEN d > 0 THEN CASE WHEN n < 0 THEN -1 ELSE 1 END * whole_part(2 * abs(n) + d, 2 * d) END
