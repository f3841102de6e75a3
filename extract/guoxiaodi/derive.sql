-- What an order owes to its events (docs/mapping.md): updated_at is the latest,
-- created_at the first where the register gives no plausible time. An order
-- whose status query says REASSIGN is in the state of its latest other event.
UPDATE cand_orders SET
    updated_at = e.latest_at,
    finished_at = e.received_at,
    canceled_at = e.canceled_at,
    created_at = coalesce(cand_orders.created_at, e.first_at),
    booked_date = CASE WHEN cand_orders.created_at IS NULL THEN e.first_date ELSE cand_orders.booked_date END,
    business_date = CASE WHEN cand_orders.created_at IS NULL THEN e.first_date ELSE cand_orders.business_date END,
    status = CASE WHEN cand_orders.source_status = 'REASSIGN' THEN e.state ELSE cand_orders.status END
FROM (
    SELECT
        order_id,
        max(happened_at) AS latest_at,
        min(happened_at) AS first_at,
        arg_min(business_date, happened_at) AS first_date,
        max(happened_at) FILTER (WHERE source_status = 'RECEIVED') AS received_at,
        max(happened_at) FILTER (WHERE source_status = 'CANCELED') AS canceled_at,
        arg_max(status, happened_at) FILTER (WHERE source_status <> 'REASSIGN' AND status IS NOT NULL) AS state
    FROM cand_delivery_events
    GROUP BY order_id
) e
WHERE e.order_id = cand_orders.order_id;

-- An order that was not asked for, or that the courier no longer knows, is in
-- the state of tonight's latest event, where that is later than all that was
-- known: a delivered order that was refunded long after. An answer of tonight's
-- query is younger than every notification read before it.
UPDATE cand_orders SET
    status = e.state,
    source_status = e.source_status,
    refund_status = CASE WHEN e.source_status = 'REFUNDED' THEN 'refunded' END
FROM (
    SELECT
        c.order_id,
        arg_max(c.status, c.happened_at) FILTER (WHERE m.event_id IS NULL) AS state,
        arg_max(c.source_status, c.happened_at) FILTER (WHERE m.event_id IS NULL) AS source_status
    FROM cand_delivery_events c
    LEFT JOIN main.delivery_events m
        ON m.source = c.source AND m.account = c.account AND m.order_id = c.order_id AND m.event_id = c.event_id
    WHERE c.status IS NOT NULL AND c.source_status <> 'REASSIGN' AND c.happened_at IS NOT NULL
    GROUP BY c.order_id
    HAVING max(c.happened_at) FILTER (WHERE m.event_id IS NULL) > coalesce(max(m.happened_at), TIMESTAMPTZ '-infinity')
) e
WHERE e.order_id = cand_orders.order_id
  AND cand_orders.order_id NOT IN (SELECT order_id FROM answered_orders WHERE stream = 'status' AND order_id IS NOT NULL);

-- An order waits for payment, or it was paid. One that was canceled had been
-- paid only if the cancel names a deduction, be it 0. A status that the
-- vendor does not document says nothing.
UPDATE cand_orders SET payment_status = CASE
    WHEN status = 'pending' THEN 'unpaid'
    WHEN status = 'canceled' THEN CASE WHEN deduction_amount IS NOT NULL THEN 'paid' END
    WHEN status IS NOT NULL OR source_status = 'REASSIGN' THEN 'paid'
END;
UPDATE cand_orders SET paid_amount = CASE payment_status
    WHEN 'paid' THEN net_amount
    WHEN 'unpaid' THEN 0
END;

-- The total of the tips' query counts; where it was never answered, the tip
-- of the register. tip_count is there exactly when the query answered. A total
-- that was answered and cannot be read is not the register's.
UPDATE cand_deliveries SET tip_amount = CASE
    WHEN order_id IN (
        SELECT order_id FROM cand_exceptions
        WHERE stream = 'tips' AND table_name = 'deliveries' AND column_name = 'tip_amount' AND order_id IS NOT NULL) THEN NULL
    WHEN tip_count IS NOT NULL THEN coalesce(tip_amount, creation_tip_amount)
    ELSE creation_tip_amount
END;
UPDATE cand_orders SET tip_amount = d.tip_amount
FROM cand_deliveries d
WHERE d.order_id = cand_orders.order_id;

-- The shop's order is the one by which the courier was asked, else the one that
-- it answers; where it answers nothing, the one of the register.
UPDATE cand_orders SET link_ref = d.link_ref
FROM cand_deliveries d
WHERE d.order_id = cand_orders.order_id AND cand_orders.link_ref IS NULL;

-- A courier order is its own delivery.
UPDATE cand_deliveries SET
    status = o.status,
    source_status = o.source_status,
    deduction_amount = o.deduction_amount,
    link_ref = o.link_ref
FROM cand_orders o
WHERE o.order_id = cand_deliveries.order_id;
