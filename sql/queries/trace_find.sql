-- The orders that a number may mean, the likeliest first. rank 1 is the order's
-- own id, 2 its vendor's number, 3 any other number that stands in it, 4 one
-- that it had earlier. $2 and $3 narrow it to a source and an account.
WITH found AS (
    SELECT 1 AS rank, 1 AS place, 'order_id' AS found_by, source, account, order_id FROM main.orders WHERE order_id = $1
    UNION ALL
    SELECT 2, 2, 'order_no', source, account, order_id FROM main.orders WHERE order_no = $1
    UNION ALL
    SELECT 3, 3, 'link_ref', source, account, order_id FROM main.orders WHERE link_ref = $1
    UNION ALL
    SELECT 3, 4, 'waybill_no', source, account, order_id FROM main.deliveries WHERE waybill_no = $1
    UNION ALL
    SELECT 3, 5, 'delivery_id', source, account, order_id FROM main.deliveries WHERE delivery_id = $1
    UNION ALL
    SELECT 3, 6, 'link_ref of its delivery', source, account, order_id FROM main.deliveries WHERE link_ref = $1
    UNION ALL
    SELECT 3, 7, 'stay_id', source, account, order_id FROM main.stays WHERE stay_id = $1
    UNION ALL
    SELECT 3, 8, 'flow_no of a payment', source, account, order_id FROM main.payments WHERE flow_no = $1
    UNION ALL
    SELECT 3, 9, 'external_pay_id of a payment', source, account, order_id FROM main.payments WHERE external_pay_id = $1
    UNION ALL
    SELECT 3, 10, 'main_order_id', source, account, order_id FROM main.settlements WHERE main_order_id = $1
    UNION ALL
    SELECT 3, 11, 'sale_order_id', source, account, order_id FROM main.settlements WHERE sale_order_id = $1
    UNION ALL
    SELECT 3, 12, 'remind_id', source, account, order_id FROM main.reminders WHERE remind_id = $1 AND order_id IS NOT NULL
    UNION ALL
    SELECT 4, 13, 'order_no, earlier', source, account, order_id FROM audit.order_versions WHERE order_no = $1
    UNION ALL
    SELECT 4, 14, 'link_ref, earlier', source, account, order_id FROM audit.order_versions WHERE link_ref = $1
    UNION ALL
    SELECT 5, 15, 'order_id, refused', source, account, order_id FROM audit.rejects WHERE order_id = $1
    UNION ALL
    SELECT 5, 16, 'order_id, doubted', source, account, order_id FROM audit.findings WHERE order_id = $1
)
SELECT f.source, f.account, f.order_id, min(f.rank) AS rank, arg_min(f.found_by, f.place) AS found_by,
    any_value(o.kind) AS kind, any_value(o.status) AS status, any_value(o.business_date) AS business_date,
    any_value(o.net_amount) AS net_amount, any_value(o.currency) AS currency
FROM found f
LEFT JOIN main.orders o USING (source, account, order_id)
WHERE ($2 = '' OR f.source = $2) AND ($3 = '' OR f.account = $3)
GROUP BY f.source, f.account, f.order_id
ORDER BY rank, f.source, f.account, f.order_id
