-- macro: classified_orders()
-- gives: a table: main.orders with the standing of each and what follows from it
SELECT *,
    outstanding_of(flow, standing, payment_status, net_amount, paid_amount)::DECIMAL(18,4) AS outstanding_amount,
    cost_of(flow, standing, net_amount, deduction_amount)::DECIMAL(18,4) AS cost_amount
FROM (SELECT *, standing(status, refund_status, deleted_at) AS standing FROM main.orders)
