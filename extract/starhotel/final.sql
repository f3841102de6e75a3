-- An order is done with once it is paid in full and every accommodation is
-- settled or canceled (docs/mapping.md, Final).
o.payment_status = 'paid' AND NOT EXISTS (
    SELECT 1 FROM main.stays s
    WHERE s.source = o.source AND s.account = o.account AND s.order_id = o.order_id
      AND NOT coalesce(s.settled, false) AND s.status IS DISTINCT FROM 'canceled')
