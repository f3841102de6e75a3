-- macro: share_of(part, whole)
-- gives: DECIMAL, a part of a whole number, rounded to the hundredth of a percent: 0.8333; null
--   where the whole is 0
(rounded_quotient(part::DECIMAL(38,0) * 10000, whole::DECIMAL(38,0))::DECIMAL(14,0) * 0.0001::DECIMAL(5,4))::DECIMAL(9,4)
