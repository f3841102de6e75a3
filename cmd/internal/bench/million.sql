-- $orders retail orders of one day, an eighth of them not paid, in a published
-- database. Order n is 100 + n mod 977 + (n mod 100) / 100 CNY.
INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_id, store_name, status, payment_status, refund_status, currency,
    gross_amount, discount_amount, freight_amount, net_amount, paid_amount, settle_amount, quantity, created_at, finished_at, booked_date, business_date)
SELECT 'soms', 'retail', (9007199254740993 + n)::VARCHAR, 'retail', 'revenue', ['meituan', 'eleme', 'jd'][1 + n % 3], (n % 40)::VARCHAR, '门店 ' || n % 40,
    'completed', CASE WHEN n % 8 = 0 THEN 'unpaid' ELSE 'paid' END, 'none', 'CNY',
    100 + n % 977 + 0.01 * (n % 100), 0, 0, 100 + n % 977 + 0.01 * (n % 100), CASE WHEN n % 8 = 0 THEN 0 ELSE 100 + n % 977 + 0.01 * (n % 100) END, 98.7654, 1,
    getvariable('history_end') + to_seconds(n % 86400), getvariable('history_end') + to_seconds(n % 86400 + 3600),
    getvariable('history_end')::DATE, getvariable('history_end')::DATE
FROM range(getvariable('orders')::BIGINT) t(n);
