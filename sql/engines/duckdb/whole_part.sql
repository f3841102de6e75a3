-- macro: whole_part(n, d)
-- gives: BIGINT, n / d without its fraction. Both are whole numbers of any type, n is not
--   negative and d above 0; a quotient that does not fit is an error

-- Of decimals // would be a division of floats.
CAST(CAST(n AS HUGEINT) // CAST(d AS HUGEINT) AS BIGINT)
