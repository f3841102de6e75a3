-- RECEIVED can become REFUNDED: an order is asked for until 30 days after its
-- last event (docs/mapping.md, Final).
o.updated_at < getvariable('run_at')::TIMESTAMPTZ - INTERVAL 30 DAY
