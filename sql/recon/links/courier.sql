-- The shop's orders and the courier's, by the number that the courier was
-- given: its own reference to the shop's order, or its own number. Whether the
-- shop names this courier on the order is no matter: it may have sent it by
-- another since.
WITH shop AS (
    SELECT DISTINCT source, account, shop_source, shop_account, number FROM recon.couriers
),
number AS (
    SELECT
        o.source, o.account, o.order_id, c.source AS right_source, c.account AS right_account,
        CASE c.number WHEN 'order_id' THEN o.order_id WHEN 'order_no' THEN o.order_no END AS number
    FROM shop c
    JOIN orders o ON o.source = c.shop_source AND o.account = c.shop_account
    WHERE c.number <> 'waybill_no'
    UNION ALL
    SELECT DISTINCT o.source, o.account, o.order_id, c.source, c.account, d.waybill_no
    FROM shop c
    JOIN deliveries d ON d.source = c.shop_source AND d.account = c.shop_account
    JOIN orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE c.number = 'waybill_no'
)
SELECT n.source, n.account, n.order_id, NULL::STRING AS stay_id, n.right_source, n.right_account, r.order_id AS right_order_id, NULL::STRING AS right_stay_id, 'exact' AS certainty
FROM number n
JOIN orders r ON r.source = n.right_source AND r.account = n.right_account AND r.link_ref = n.number
UNION
SELECT n.source, n.account, n.order_id, NULL::STRING AS stay_id, n.right_source, n.right_account, r.order_id AS right_order_id, NULL::STRING AS right_stay_id, 'exact' AS certainty
FROM number n
JOIN orders r ON r.source = n.right_source AND r.account = n.right_account AND r.order_id = n.number
