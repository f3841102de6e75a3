-- macro: middle(n)
-- gives: BIGINT, an aggregate: the middle one of whole numbers, half way between two of them
--   rounded up; halves are exact in the DOUBLE that the engines make of them
CAST(round(median(n)) AS BIGINT)
