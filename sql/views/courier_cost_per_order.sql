-- What an order was charged for freight is revenue and what its couriers cost
-- is a cost: the two stand side by side and are never added up. An order that
-- was sent twice has one row, so that its freight is not counted twice.
CREATE OR REPLACE VIEW main.courier_cost_per_order AS
WITH shop AS (
    -- Where two orders claim a courier's, it is taken for the first.
    SELECT right_source, right_account, right_order_id, min({'source': source, 'account': account, 'order_id': order_id}) AS sent
    FROM recon.links
    WHERE rule = 'courier'
    GROUP BY right_source, right_account, right_order_id
),
couriers AS (
    SELECT c.*, s.sent
    FROM main.classified_orders c
    LEFT JOIN shop s ON s.right_source = c.source AND s.right_account = c.account AND s.right_order_id = c.order_id
    WHERE c.flow = 'cost' AND c.kind = 'delivery' AND c.standing <> 'deleted'
)
SELECT
    min(c.business_date) AS business_date,
    c.source,
    c.account,
    min(c.order_id) AS order_id,
    o.source AS shop_source,
    o.account AS shop_account,
    o.order_id AS shop_order_id,
    count(*) AS deliveries,
    count(*) FILTER (c.standing <> 'live') AS canceled,
    c.currency,
    sum(c.cost_amount) AS cost_amount,
    sum(c.tip_amount) FILTER (c.standing = 'live') AS tip_amount,
    any_value(o.freight_amount) AS charged_amount,
    any_value(o.currency) AS charged_currency
FROM couriers c
LEFT JOIN main.orders o
    ON o.source = c.sent.source AND o.account = c.sent.account AND o.order_id = c.sent.order_id AND o.deleted_at IS NULL
GROUP BY c.source, c.account, c.currency, o.source, o.account, o.order_id,
    CASE WHEN o.order_id IS NULL THEN c.order_id END;
