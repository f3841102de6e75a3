-- macro: whole_part(n, d)
-- gives: BIGINT, n / d without its fraction. Both are whole numbers of any type, n is not
--   negative and d above 0; a quotient that does not fit is an error

-- div gives another number where the quotient does not fit, and / of whole numbers a float.
CAST((CAST(n AS DECIMAL(38,0)) - CAST(n AS DECIMAL(38,0)) % CAST(d AS DECIMAL(38,0))) / CAST(d AS DECIMAL(38,0)) AS BIGINT)
