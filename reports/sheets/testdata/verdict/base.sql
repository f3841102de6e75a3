-- A hotel whose day begins at 06:00 and a shop whose day begins at midnight, both
-- in Shanghai, on the morning of 10 March 2026: a run at 06:30 read both up to
-- then. On 9 March the shop sold one order of 100.00 and the hotel one stay of
-- 500.00, both paid. Each case changes this.
INSERT INTO audit.meta (database_id, schema_version, timezone) VALUES ('case', 2, 'Asia/Shanghai');
INSERT INTO audit.accounts (source, account, timezone, business_day_start, currency, memo_only, is_configured) VALUES
    ('soms', 'retail', 'Asia/Shanghai', '00:00', 'CNY', false, true),
    ('starhotel', 'inn', 'Asia/Shanghai', '06:00', 'CNY', false, true);
INSERT INTO audit.runs (run_id, started_at) VALUES ('r1', '2026-03-10 06:30:00+08');
INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, state, advances_cursor, covers) VALUES
    ('r1', 'soms', 'retail', 'orders', NULL, '2026-03-10 06:29:00+08', 'complete', true, true),
    ('r1', 'starhotel', 'inn', 'orders', NULL, '2026-03-10 06:30:00+08', 'complete', true, true);
INSERT INTO main.orders (source, account, order_id, flow, status, payment_status, refund_status, currency, net_amount, paid_amount, business_date) VALUES
    ('soms', 'retail', 'S1', 'revenue', 'completed', 'paid', 'none', 'CNY', 100, 100, '2026-03-09'),
    ('starhotel', 'inn', 'H1', 'revenue', 'completed', 'paid', NULL, 'CNY', 500, 500, '2026-03-09');
