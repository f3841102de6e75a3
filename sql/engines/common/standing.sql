-- macro: standing(status, refund_status, deleted_at)
-- gives: STRING, how an order stands. Each has one standing, the first of these: its source no
--   longer holds it; something of it was refunded, whatever its status says; it was
--   canceled, or closed without being used; else it is live. Revenue is what is live of
--   flow revenue
CASE
    WHEN deleted_at IS NOT NULL THEN 'deleted'
    WHEN status = 'refunded' OR refund_status = 'refunded' THEN 'refunded'
    WHEN status IN ('canceled', 'closed') THEN 'canceled'
    ELSE 'live'
END
