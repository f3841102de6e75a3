-- macro: outstanding_of(flow, standing, payment_status, net_amount, paid_amount)
-- gives: DECIMAL, what is still to be paid of an order of that standing; null where nothing is
CASE WHEN flow = 'revenue' AND standing = 'live' AND payment_status IN ('unpaid', 'partial')
    THEN net_amount - coalesce(paid_amount, 0)
END
