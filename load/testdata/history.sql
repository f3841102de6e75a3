-- The history of a shop: $orders retail orders, the youngest of the last
-- night, 10,000 a day, each with two lines, a payment, a settlement and a
-- delivery. Nothing is wrong with them. Ids grow with time, as the vendor's
-- do. history_end holds the instant at which the history ends.
CREATE OR REPLACE TEMP TABLE history AS
SELECT
    'soms' AS source, 'retail' AS account, printf('%013d', 8826000000000 + i) AS order_id,
    getvariable('history_end') - to_seconds(((getvariable('orders') - i) * 8.64)::BIGINT) AS created_at,
    created_at::DATE AS day,
    10 + i % 90 AS price, i
FROM range(getvariable('orders')::BIGINT) t(i);

INSERT INTO main.orders BY NAME
SELECT source, account, order_id, 'P' || i AS order_no, 'retail' AS kind, 'revenue' AS flow, 'meituan' AS channel,
    'S' || i % 20 AS store_id, 'Store ' || i % 20 AS store_name, 'completed' AS status, 'delivered' AS source_status,
    'paid' AS payment_status, 'none' AS refund_status, 'CNY' AS currency,
    2 * price AS gross_amount, 0 AS discount_amount, 2 * price AS goods_amount, 5 AS freight_amount, 1 AS packaging_amount, 0 AS other_amount,
    2 * price + 6 AS net_amount, 2 * price + 6 AS paid_amount, 2 * price + 6 AS settle_amount, 0 AS commission_amount, 2 AS quantity,
    created_at, created_at + INTERVAL 2 HOUR AS updated_at, created_at + INTERVAL 1 HOUR AS finished_at,
    day AS booked_date, day AS business_date, 'history' AS run_id, md5(order_id) AS payload_sha256, 'history:1#/' || i AS landing_ref
FROM history ORDER BY i;

INSERT INTO main.order_items BY NAME
SELECT source, account, order_id, line_no, 'I' || line_no AS item_id, 'K' || i % 500 AS sku_id, 'Mineral water ' || i % 500 AS title,
    1 AS quantity, price AS unit_price, price AS total_amount, 0 AS discount_amount, 0 AS apportioned_discount_amount, price AS pay_amount,
    price AS settle_amount, 'CNY' AS currency, false AS is_gift, 'history' AS run_id, md5(order_id) AS payload_sha256, 'history:1#/' || i || '/items' AS landing_ref
FROM history, range(1, 3) l(line_no) ORDER BY i, line_no;

INSERT INTO main.payments BY NAME
SELECT source, account, order_id, 1 AS line_no, 'wx' AS method_code, 'WeChat' AS method_name, 2 * price + 6 AS amount, 'CNY' AS currency,
    'F' || i AS flow_no, created_at AS paid_at, 'history' AS run_id, md5(order_id) AS payload_sha256, 'history:1#/' || i || '/payment' AS landing_ref
FROM history ORDER BY i;

INSERT INTO main.settlements BY NAME
SELECT source, account, order_id, 'U1' AS settle_unit_code, 'Unit' AS settle_unit_name, day AS settle_date, true AS settlable, 2 * price AS shop_amount,
    'CNY' AS currency, 'history' AS run_id, md5(order_id) AS payload_sha256, 'history:1#/' || i || '/settle' AS landing_ref
FROM history ORDER BY i;

INSERT INTO main.deliveries BY NAME
SELECT source, account, order_id, 'W' || i AS delivery_id, 'shunfeng' AS carrier, 'W' || i AS waybill_no, 'completed' AS status, 5 AS fee_amount,
    'CNY' AS currency, 'history' AS run_id, md5(order_id) AS payload_sha256, 'history:1#/' || i || '/delivery' AS landing_ref
FROM history ORDER BY i;

INSERT INTO audit.order_versions BY NAME
SELECT * EXCLUDE (payload_sha256, landing_ref), 1 AS version_no, created_at AS valid_from, NULL::TIMESTAMPTZ AS valid_to FROM main.orders ORDER BY order_id;

DROP TABLE history;
