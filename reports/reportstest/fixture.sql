-- A small hotel group on the morning of 10 March 2026 in Shanghai. Every
-- figure that the tests expect is worked out by hand from these rows.

INSERT INTO audit.meta (database_id, created_at, schema_version, timezone, published_run_id, published_at) VALUES
    ('6f1d6a52-7d1f-4a4e-9a55-0d2b6a3f0c11', '2026-02-01 18:00:00+00', 2, 'Asia/Shanghai', 'run-3', '2026-03-09 18:05:00+00');

INSERT INTO audit.runs (run_id, started_at, finished_at, outcome, exit_code, version, config_sha256) VALUES
    ('run-1', '2026-03-01 18:00:00+00', '2026-03-01 18:04:00+00', 'complete', 0, '1.0.0', 'c0ffee'),
    ('run-2', '2026-03-07 18:00:00+00', '2026-03-07 18:04:00+00', 'partial', 3, '1.0.0', 'c0ffee'),
    ('run-3', '2026-03-09 18:00:00+00', '2026-03-09 18:04:30+00', 'partial', 3, '1.0.0', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');

-- run-1 read everything up to 1 March; run-2 missed the courier; run-3 missed
-- it again and did not agree with what the PMS states.
INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, filter, api_total, pages, fetched, distinct_rows, duplicates, inserted, updated, unchanged, rejected, state, message) VALUES
    ('run-1', 'tuya', 'hotel-a', 'orders', NULL, '2026-03-01 18:00:00+00', NULL, 40, 1, 40, 40, 0, 40, 0, 0, 0, 'complete', NULL),
    ('run-1', 'akubela', 'tower', 'orders', NULL, NULL, NULL, 9, 1, 9, 9, 0, 9, 0, 0, 0, 'complete', NULL),
    ('run-1', 'soms', 'retail', 'orders', NULL, '2026-03-01 18:00:00+00', NULL, 30, 1, 30, 30, 0, 30, 0, 0, 0, 'complete', NULL),
    ('run-1', 'starhotel', 'inn', 'orders', NULL, '2026-03-01 18:00:00+00', NULL, 5, 1, 5, 5, 0, 5, 0, 0, 0, 'complete', NULL),
    ('run-1', 'guoxiaodi', 'courier', 'status', NULL, NULL, NULL, NULL, 4, 4, 4, 0, 4, 0, 0, 0, 'complete', NULL),
    ('run-1', 'soms', 'boutique', 'orders', NULL, '2026-03-01 18:00:00+00', NULL, 3, 1, 3, 3, 0, 3, 0, 0, 0, 'complete', NULL),
    ('run-2', 'tuya', 'hotel-a', 'orders', '2026-03-01 17:00:00+00', '2026-03-07 18:00:00+00', NULL, 6, 1, 6, 6, 0, 6, 0, 0, 0, 'complete', NULL),
    ('run-2', 'akubela', 'tower', 'orders', NULL, NULL, NULL, 11, 1, 11, 11, 0, 2, 0, 9, 0, 'complete', NULL),
    ('run-2', 'soms', 'retail', 'orders', '2026-03-01 17:00:00+00', '2026-03-07 18:00:00+00', NULL, 6, 1, 6, 6, 0, 6, 0, 0, 0, 'complete', NULL),
    ('run-2', 'starhotel', 'inn', 'orders', '2026-03-01 17:00:00+00', '2026-03-07 18:00:00+00', NULL, 2, 1, 2, 2, 0, 2, 0, 0, 0, 'complete', NULL),
    ('run-2', 'guoxiaodi', 'courier', 'status', '2026-03-01 17:00:00+00', '2026-03-07 18:00:00+00', NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 'failed', 'connection refused'),
    ('run-3', 'tuya', 'hotel-a', 'orders', '2026-03-07 17:00:00+00', '2026-03-09 18:00:00+00', NULL, 2, 1, 2, 2, 0, 2, 0, 0, 0, 'complete', NULL),
    ('run-3', 'tuya', 'hotel-a', 'order_detail', '2026-03-07 17:00:00+00', '2026-03-09 18:00:00+00', NULL, NULL, 2, 2, 2, 0, 1, 1, 0, 0, 'complete', NULL),
    ('run-3', 'akubela', 'tower', 'orders', NULL, NULL, NULL, 12, 1, 12, 12, 0, 1, 1, 10, 0, 'complete', NULL),
    ('run-3', 'soms', 'retail', 'orders', '2026-03-07 17:00:00+00', '2026-03-09 18:00:00+00', NULL, 1205, 3, 1206, 1205, 1, 1180, 20, 3, 2, 'complete', NULL),
    ('run-3', 'starhotel', 'inn', 'orders', '2026-03-07 17:00:00+00', '2026-03-09 18:00:00+00', NULL, 3, 1, 2, 2, 0, 1, 1, 0, 0, 'unreconciled', 'the PMS states 3 orders and gave 2'),
    ('run-3', 'guoxiaodi', 'courier', 'status', '2026-03-01 17:00:00+00', '2026-03-09 18:00:00+00', NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 'failed', 'POST /order/status: connection refused after 6 attempts; the courier''s service does not answer');

UPDATE audit.extracts SET advances_cursor = true, covers = stream <> 'order_detail';

INSERT INTO audit.accounts (source, account, timezone, business_day_start, currency, memo_only, is_configured, run_id) VALUES
    ('tuya', 'hotel-a', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1'),
    ('akubela', 'tower', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1'),
    ('soms', 'retail', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1'),
    ('soms', 'boutique', 'Asia/Shanghai', '00:00', 'EUR', false, true, 'run-1'),
    ('starhotel', 'inn', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1'),
    ('guoxiaodi', 'courier', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1');

-- 9 March. CNY counted: T1 10.00, T2 58.50 (canceled), S1 106.00, S3 88.8888,
-- S4 -5.00, H32 3700.00 = 3958.3888; refunded apart: S2 30.00. EUR: B1 200.00.
INSERT INTO main.orders (source, account, order_id, order_no, kind, flow, channel, store_id, store_name, room_no, status, source_status, payment_status, refund_status, currency, gross_amount, discount_amount, freight_amount, packaging_amount, net_amount, paid_amount, settle_amount, commission_amount, quantity, created_at, finished_at, booked_date, business_date) VALUES
    ('tuya', 'hotel-a', 'T1', NULL, 'commodity', 'revenue', 'app', '1160823965053000000', NULL, '8801', 'completed', 'finished', NULL, NULL, 'CNY', 10, NULL, NULL, NULL, 10, NULL, NULL, NULL, 1, '2026-03-09 00:15:00+00', '2026-03-09 00:31:00+00', '2026-03-09', '2026-03-09'),
    ('tuya', 'hotel-a', 'T2', NULL, 'room_service', 'revenue', 'app', '1160823965053000000', NULL, '8802', 'canceled', 'canceled', NULL, NULL, 'CNY', 58.5, NULL, NULL, NULL, 58.5, NULL, NULL, NULL, 2, '2026-03-09 04:00:00+00', NULL, '2026-03-09', '2026-03-09'),
    ('soms', 'retail', '9007199254740993001', '0012345', 'retail', 'revenue', 'meituan', '101', '浦东机场便利店', NULL, 'completed', 'delivered', 'paid', 'none', 'CNY', 120, 20, 5, 1, 106, 106, 100.5, 5.3, 3, '2026-03-09 02:00:00+00', '2026-03-09 03:10:00.250+00', '2026-03-09', '2026-03-09'),
    ('soms', 'retail', 'S2', NULL, 'retail', 'revenue', 'meituan', '101', '浦东机场便利店', NULL, 'completed', 'delivered', 'paid', 'refunded', 'CNY', 30, 0, 0, 0, 30, 30, 28.5, 1.5, 1, '2026-03-09 02:30:00+00', NULL, '2026-03-09', '2026-03-09'),
    ('soms', 'retail', 'S3', NULL, 'retail', 'revenue', 'eleme', '102', '南京西路店', NULL, 'confirmed', 'prepared', 'partial', 'none', 'CNY', 90, 1.1112, 0, 0, 88.8888, 50, 88.8888, NULL, 1.25, '2026-03-09 06:00:00+00', NULL, '2026-03-09', '2026-03-09'),
    ('soms', 'retail', 'S4', '+86 138', 'retail', 'revenue', '-refund', '103', '=HYPERLINK("https://example.com","free money")', NULL, 'completed', 'delivered', 'paid', 'none', 'CNY', -5, 0, 0, 0, -5, -5, -5, 0, -1, '2026-03-09 15:59:59+00', NULL, '2026-03-09', '2026-03-09'),
    ('starhotel', 'inn', '32', 'SH-32', 'stay', 'revenue', NULL, '2', NULL, '1203', 'in_progress', '170', 'partial', NULL, 'CNY', 3700, NULL, NULL, NULL, 3700, 100, NULL, NULL, NULL, '2025-03-11 07:05:42+00', NULL, '2025-03-11', '2026-03-09'),
    ('soms', 'boutique', 'B1', NULL, 'retail', 'revenue', 'shop', '7', 'Boutique', NULL, 'completed', 'delivered', 'paid', 'none', 'EUR', 200, 0, 0, 0, 200, 200, 200, 0, 1, '2026-03-09 09:00:00+00', NULL, '2026-03-09', '2026-03-09'),
    ('guoxiaodi', 'courier', 'G1', NULL, 'delivery', 'cost', NULL, 'acc', NULL, NULL, 'completed', 'RECEIVED', 'paid', NULL, 'CNY', 20, 3, 17, NULL, 17, 17, NULL, NULL, NULL, '2026-03-09 02:05:00+00', NULL, '2026-03-09', '2026-03-09'),
    ('akubela', 'tower', 'A1', 'AK-1', 'stay', 'memo', NULL, NULL, NULL, 'A8801', 'confirmed', 'check_in', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-09');

-- Gone at the vendor: listed with the orders, not counted as revenue.
INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_name, status, payment_status, refund_status, currency, gross_amount, net_amount, paid_amount, created_at, booked_date, business_date, deleted_at) VALUES
    ('soms', 'retail', 'S9', 'retail', 'revenue', 'eleme', '南京西路店', 'completed', 'paid', 'none', 'CNY', 7, 7, 7, '2026-03-08 03:00:00+00', '2026-03-08', '2026-03-08', '2026-03-09 18:00:00+00');

-- The thirty days before, 7 February to 8 March: each one retail order of
-- 1000 + 37 × (days before 9 March) CNY, paid.
INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_id, store_name, status, payment_status, refund_status, currency, gross_amount, discount_amount, net_amount, paid_amount, created_at, booked_date, business_date)
SELECT 'soms', 'retail', 'D' || n, 'retail', 'revenue', 'meituan', '101', '浦东机场便利店', 'completed', 'paid', 'none', 'CNY',
    1000 + 37 * n, 0, 1000 + 37 * n, 1000 + 37 * n,
    timezone('UTC', ('2026-03-09'::DATE - n::INTEGER) + TIME '05:00:00'), '2026-03-09'::DATE - n::INTEGER, '2026-03-09'::DATE - n::INTEGER
FROM range(1, 31) t(n);

INSERT INTO audit.rejects (run_id, source, account, stream, order_id, field, reason, raw, landing_ref) VALUES
    ('run-2', 'soms', 'retail', 'orders', 'OLD', 'id', 'of an earlier run', '{}', 'x:1#'),
    ('run-3', 'soms', 'retail', 'orders', NULL, 'id', 'the row has no id, so it cannot be told from others', '{"id":"","front":{"order_id":"=1+1"}}', '20260310/soms-retail-orders.jsonl.zst:2#/rows/4'),
    ('run-3', 'soms', 'retail', 'orders', '2041', 'real_total', 'not a plain decimal number', '1.2e3', '20260310/soms-retail-orders.jsonl.zst:3#/rows/1/real_total');
INSERT INTO audit.findings (run_id, source, account, stream, order_id, field, reason, raw, landing_ref) VALUES
    ('run-3', 'tuya', 'hotel-a', 'orders', 'T2', 'finish_order_time', 'a year outside 2000 to 2100', '0', '20260310/tuya-hotel-a-orders.jsonl.zst:1#/result/list/1/finish_order_time');

INSERT INTO audit.exceptions (source, account, stream, record_key, kind, order_id, table_name, column_name, is_amount, field, reason, raw, landing_ref, run_id)
SELECT source, account, stream, coalesce(order_id, '#' || landing_ref), 'reject', order_id, NULL, NULL, false, field, reason, raw, landing_ref, run_id
FROM audit.rejects WHERE run_id = 'run-3'
UNION ALL
SELECT source, account, stream, order_id, 'finding', order_id, 'orders', 'finished_at', false, field, reason, raw, landing_ref, run_id
FROM audit.findings;

INSERT INTO recon.rules (rule, severity, candidate, tolerance, title_en, title_zh, compares_en, compares_zh) VALUES
    ('item_total', 'error', false, 0.01, 'Line totals', '明细行金额', 'line total = unit price × quantity', '行金额 = 单价 × 数量'),
    ('cashier', 'warning', false, 0.01, 'Front desk cash', '前台收款', 'completed but underpaid', '已完成未收足'),
    ('courier_fee', 'info', true, 0.01, 'Courier fees', '配送费', 'carriage = weight + distance', '运费 = 重量费 + 里程费');

-- Open: E1 2.00, E2 -0.02 (explained), W1 -3600.00, I1 1.00. Accepted: E3.
-- E4 is resolved.
INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, line_no, right_source, right_account, right_order_id, business_date, expected, actual, difference, currency, reason, facts, explanation_en, explanation_zh, first_seen, last_seen, resolved_at, status, owner, comment) VALUES
    ('e1000000000000000000000000000001', 'item_total', 'error', 'soms', 'retail', '9007199254740993001', 2, NULL, NULL, NULL, '2026-03-09', 118.01, 120.01, 2, 'CNY', 'one_component', '{"promotion":"1111"}', 'settled 120.01, expected 118.01: differs by 2.00, which is the platform subsidy of promotion 1111', '结算 120.01，应为 118.01：相差 2.00，等于促销 1111 的平台补贴', '2026-03-09 18:00:00+00', '2026-03-09 18:00:00+00', NULL, 'open', NULL, NULL),
    ('e2000000000000000000000000000002', 'item_total', 'error', 'soms', 'retail', 'S3', 1, NULL, NULL, NULL, '2026-03-09', 88.9088, 88.8888, -0.02, 'CNY', 'rounding', '{}', 'line 1: 1.25 × 71.1271 is 88.9088, the line says 88.8888', '第 1 行：1.25 × 71.1271 为 88.9088，行内为 88.8888', '2026-03-02 18:00:00+00', '2026-03-09 18:00:00+00', NULL, 'explained', 'Li Wei', 'weighed goods'),
    ('w1000000000000000000000000000003', 'cashier', 'warning', 'starhotel', 'inn', '32', NULL, NULL, NULL, NULL, '2026-03-09', 3700, 100, -3600, 'CNY', 'amount', '{}', 'completed, but 100.00 of 3,700.00 is paid: 3,600.00 are missing', '已完成但仅收 100.00，应收 3,700.00，差 3,600.00', '2026-01-20 18:00:00+00', '2026-03-09 18:00:00+00', NULL, 'open', NULL, NULL),
    ('i1000000000000000000000000000004', 'courier_fee', 'info', 'guoxiaodi', 'courier', 'G1', NULL, 'soms', 'retail', '9007199254740993001', '2026-03-09', 16, 17, 1, 'CNY', 'amount', '{}', 'carriage 17.00, weight and distance 16.00', '运费 17.00，重量费与里程费合计 16.00', '2026-03-04 18:00:00+00', '2026-03-09 18:00:00+00', NULL, 'open', NULL, NULL),
    ('e3000000000000000000000000000005', 'item_total', 'error', 'soms', 'retail', 'S4', 1, NULL, NULL, NULL, '2026-03-09', 1259, 1259.5, 0.5, 'CNY', 'amount', '{}', 'the line says 1,259.50', '行内为 1,259.50', '2026-03-02 18:00:00+00', '2026-03-09 18:00:00+00', NULL, 'accepted', 'Chen Jing', '=cmd|''/c calc''!A0'),
    ('e4000000000000000000000000000006', 'item_total', 'error', 'soms', 'retail', 'D8', 1, NULL, NULL, NULL, '2026-03-01', 1, 2, 1, 'CNY', 'amount', '{}', 'gone', '已消除', '2026-03-01 18:00:00+00', '2026-03-02 18:00:00+00', '2026-03-03 18:00:00+00', 'resolved', NULL, NULL);

-- February was closed on 2 March at 10:00 in Shanghai: 21 orders of the thirty
-- days, together 36,248.00. Since then run-3 found D10 to be 1,370.00 and not
-- 1,300.00, D20 to be completed, and D15, 1,555.00, which nobody had heard of:
-- 22 orders now, 36,248.00 + 70.00 + 1,555.00 = 37,873.00.
INSERT INTO audit.closes (period, date_from, date_to, closed_at, run_id, closed_by, entry_id) VALUES
    ('2026-02', '2026-02-01', '2026-02-28', '2026-03-02 02:00:00+00', 'run-1', 'chen.jing', 'close-1');
INSERT INTO audit.close_totals (entry_id, period, source, account, flow, currency, orders, gross_amount, discount_amount, net_amount, paid_amount) VALUES
    ('close-1', '2026-02', 'soms', 'retail', 'revenue', 'CNY', 21, 36248, 0, 36248, 36248),
    ('close-1', '2026-02', 'starhotel', 'inn', 'revenue', 'CNY', 3, 1200, NULL, 1200, 1200);
INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, business_date, status, flow, currency, gross_amount, discount_amount, net_amount, paid_amount)
SELECT 'soms', 'retail', id, no, since::TIMESTAMPTZ, until::TIMESTAMPTZ, date::DATE, status, 'revenue', 'CNY', amount, 0, amount, amount
FROM (VALUES
    ('D10', 1, '2026-03-01 18:00:00+00', '2026-03-09 18:00:00+00', '2026-02-27', 'completed', 1300),
    ('D10', 2, '2026-03-09 18:00:00+00', NULL, '2026-02-27', 'completed', 1370),
    ('D15', 1, '2026-03-09 18:00:00+00', NULL, '2026-02-22', 'completed', 1555),
    ('D20', 1, '2026-03-01 18:00:00+00', '2026-03-09 18:00:00+00', '2026-02-17', 'confirmed', 1740),
    ('D20', 2, '2026-03-09 18:00:00+00', NULL, '2026-02-17', 'completed', 1740)
) v(id, no, since, until, date, status, amount);

-- Not paid in full since longer: O1 45.00 for 63 days, O2 750.00 for 128 days;
-- O3 is canceled. H33 is a stay of a month, all paid.
INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_name, room_no, status, payment_status, refund_status, currency, gross_amount, net_amount, paid_amount, created_at, booked_date, business_date) VALUES
    ('soms', 'retail', 'O1', 'retail', 'revenue', 'eleme', '南京西路店', NULL, 'confirmed', 'unpaid', 'none', 'CNY', 45, 45, NULL, '2026-01-05 03:00:00+00', '2026-01-05', '2026-01-05'),
    ('starhotel', 'inn', 'O2', 'stay', 'revenue', NULL, NULL, '0907', 'completed', 'partial', NULL, 'CNY', 1000, 1000, 250, '2025-10-20 03:00:00+00', '2025-10-20', '2025-11-01'),
    ('soms', 'retail', 'O3', 'retail', 'revenue', 'eleme', '南京西路店', NULL, 'canceled', 'unpaid', 'none', 'CNY', 500, 500, NULL, '2026-01-05 03:00:00+00', '2026-01-05', '2026-01-05'),
    ('starhotel', 'inn', 'H33', 'stay', 'revenue', NULL, NULL, 'A8801', 'completed', 'paid', NULL, 'CNY', 4000, 4000, 4000, '2026-02-01 03:00:00+00', '2026-02-01', '2026-02-06');

-- 9 March besides: two more courier orders, a guest of the access system and a
-- room order that belong to nobody.
INSERT INTO main.orders (source, account, order_id, kind, flow, room_no, status, source_status, payment_status, currency, gross_amount, discount_amount, net_amount, paid_amount, tip_amount, deduction_amount, created_at, booked_date, business_date) VALUES
    ('guoxiaodi', 'courier', 'G2', 'delivery', 'cost', NULL, 'completed', 'RECEIVED', 'paid', 'CNY', 8, 0, 8, 8, 2, NULL, '2026-03-09 05:00:00+00', '2026-03-09', '2026-03-09'),
    ('guoxiaodi', 'courier', 'G3', 'delivery', 'cost', NULL, 'canceled', 'CANCELED', 'paid', 'CNY', 12, 0, 12, NULL, NULL, 3, '2026-03-09 02:40:00+00', '2026-03-09', '2026-03-09'),
    ('akubela', 'tower', 'A2', 'stay', 'memo', '1207', 'in_progress', 'checked_in', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-09'),
    ('tuya', 'hotel-a', 'T3', 'room_service', 'memo', '8803', 'completed', 'finished', NULL, 'CNY', 33.3, NULL, 33.3, NULL, NULL, NULL, '2026-03-09 11:00:00+00', '2026-03-09', '2026-03-09');

-- S1 is paid with 100.00 + 5.50 where 106.00 is due, S3 in part.
INSERT INTO main.payments (source, account, order_id, line_no, method_code, method_name, amount, discount_amount, currency) VALUES
    ('soms', 'retail', '9007199254740993001', 1, 'wx', '微信支付', 100, 1.2, 'CNY'),
    ('soms', 'retail', '9007199254740993001', 2, 'card', 'Gift card', 5.5, NULL, 'CNY'),
    ('soms', 'retail', 'S2', 1, 'wx', '微信支付', 30, NULL, 'CNY'),
    ('soms', 'retail', 'S3', 1, 'ali', '支付宝', 50, NULL, 'CNY'),
    ('soms', 'retail', 'S4', 1, 'wx', '微信支付', -5, NULL, 'CNY'),
    ('soms', 'retail', 'O3', 1, 'wx', '微信支付', 500, NULL, 'CNY'),
    ('soms', 'boutique', 'B1', 1, 'visa', '=Visa*', 200, NULL, 'EUR');

-- The promotion of S1 stands on the order and again on its item.
INSERT INTO main.discounts (source, account, order_id, line_no, level, item_line_no, promotion_id, amount, merchant_amount, platform_amount, currency) VALUES
    ('soms', 'retail', '9007199254740993001', 1, 'order', NULL, '1111', 20, 15, 5, 'CNY'),
    ('soms', 'retail', '9007199254740993001', 2, 'item', 1, '1111', 20, 15, 5, 'CNY'),
    ('soms', 'retail', 'S3', 1, 'item', 1, '2222', 1.1112, 1.1112, NULL, 'CNY');
-- S4 may be settled: that its settlement is the amount due is a statement.
INSERT INTO main.settlements (source, account, order_id, settlable, currency) VALUES
    ('soms', 'retail', 'S4', true, 'CNY');

-- The shop sent S1, S2 and S3 by the courier and states 15.00, 6.00 and 9.00.
-- The courier charged 17.00 for S1 and keeps 3.00 of G3, which was for S2 and
-- canceled; it has nothing for S3, and G2 names no order of the shop.
INSERT INTO recon.couriers (source, account, shop_source, shop_account, carrier, number) VALUES
    ('guoxiaodi', 'courier', 'soms', 'retail', 'gxd', 'order_id');
INSERT INTO main.deliveries (source, account, order_id, delivery_id, carrier, waybill_no, status, fee_amount, currency) VALUES
    ('soms', 'retail', '9007199254740993001', 'w1', 'gxd', 'W1', 'completed', 15, 'CNY'),
    ('soms', 'retail', 'S2', 'w2', 'gxd', 'W2', 'canceled', 6, 'CNY'),
    ('soms', 'retail', 'S3', 'w3', 'gxd', 'W3', 'in_progress', 9, 'CNY'),
    ('soms', 'retail', 'S4', 'w4', 'other', 'W4', 'completed', 4, 'CNY');

-- The tower: H33 was there until the 9th with a key, had T1 to its room
-- (10.00) and was billed 25.50; H32 is there without a key; A2 has a key and
-- no stay.
INSERT INTO recon.places (place, source, account) VALUES
    ('tower', 'tuya', 'hotel-a'), ('tower', 'akubela', 'tower'), ('tower', 'starhotel', 'inn');
INSERT INTO recon.place_rooms (place, room_no, pms_room_no) VALUES ('tower', '8801', 'A8801');
INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_date, departure_date, room_amount, consumption_amount, total_amount, currency) VALUES
    ('starhotel', 'inn', '32', '132', '1203', 'in_progress', '2026-03-09', '2026-03-12', 3000, 700, 3700, 'CNY'),
    ('starhotel', 'inn', 'H33', '133', 'A8801', 'completed', '2026-02-06', '2026-03-09', 3974.5, 25.5, 4000, 'CNY'),
    ('starhotel', 'inn', 'O2', '102', '0907', 'completed', '2025-11-01', '2025-11-03', 1000, 0, 1000, 'CNY'),
    ('akubela', 'tower', 'A1', 'A1', 'A8801', 'completed', '2026-02-06', '2026-03-09', NULL, NULL, NULL, NULL),
    ('akubela', 'tower', 'A2', 'A2', '1207', 'in_progress', '2026-03-09', '2026-03-10', NULL, NULL, NULL, NULL);
INSERT INTO recon.links (rule, source, account, order_id, stay_id, right_source, right_account, right_order_id, right_stay_id, certainty, run_id) VALUES
    ('courier', 'soms', 'retail', '9007199254740993001', NULL, 'guoxiaodi', 'courier', 'G1', NULL, 'exact', 'run-3'),
    ('courier', 'soms', 'retail', 'S2', NULL, 'guoxiaodi', 'courier', 'G3', NULL, 'exact', 'run-3'),
    ('room_order', 'tuya', 'hotel-a', 'T1', NULL, 'starhotel', 'inn', 'H33', '133', 'likely', 'run-3'),
    ('stay', 'akubela', 'tower', 'A1', 'A1', 'starhotel', 'inn', 'H33', '133', 'likely', 'run-3');
