-- macro: per_room(amount, rooms)
-- gives: DECIMAL, an amount for each of so many rooms, rounded to the cent; null where there are
--   none
(rounded_quotient((amount::DECIMAL(30,4) * 10000)::DECIMAL(38,0), rooms::DECIMAL(38,0) * 100)::DECIMAL(30,0) * 0.01::DECIMAL(3,2))::DECIMAL(18,2)
