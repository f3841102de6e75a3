-- The words of the report revenue_days, by source and account: what it calls
-- orders and amounts is the same here, and adds up to the same.
CREATE OR REPLACE VIEW main.daily_revenue AS
SELECT
    business_date,
    source,
    account,
    currency,
    count(*) FILTER (standing = 'live') AS orders,
    sum(gross_amount) FILTER (standing = 'live') AS gross_amount,
    sum(discount_amount) FILTER (standing = 'live') AS discount_amount,
    coalesce(sum(net_amount) FILTER (standing = 'live'), 0) AS net_amount,
    sum(paid_amount) FILTER (standing = 'live') AS paid_amount,
    coalesce(sum(outstanding_amount), 0) AS outstanding_amount,
    count(*) FILTER (standing = 'canceled') AS canceled_orders,
    coalesce(sum(net_amount) FILTER (standing = 'canceled'), 0) AS canceled_amount,
    count(*) FILTER (standing = 'refunded') AS refunded_orders,
    coalesce(sum(net_amount) FILTER (standing = 'refunded'), 0) AS refunded_amount
FROM main.classified_orders
WHERE flow = 'revenue' AND standing <> 'deleted'
GROUP BY business_date, source, account, currency;
