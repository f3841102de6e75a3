-- macro: sum_stated(total, orders)
-- gives: DECIMAL, the sum of an amount over so many orders: nothing where they are none, and null,
--   not 0.00, where they are some and not one states the amount
coalesce(total, CASE WHEN orders = 0 THEN 0 END)
