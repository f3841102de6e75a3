-- The words of the report revenue_days, by source and account: what it calls
-- orders and amounts is the same here, and adds up to the same.
CREATE OR REPLACE VIEW main.daily_revenue AS
SELECT
    business_date,
    source,
    account,
    currency,
    count(*) FILTER (standing = 'live') AS orders,
    main.sum_stated(sum(gross_amount) FILTER (standing = 'live'), count(*) FILTER (standing = 'live')) AS gross_amount,
    main.sum_stated(sum(discount_amount) FILTER (standing = 'live'), count(*) FILTER (standing = 'live')) AS discount_amount,
    main.sum_stated(sum(net_amount) FILTER (standing = 'live'), count(*) FILTER (standing = 'live')) AS net_amount,
    main.sum_stated(sum(paid_amount) FILTER (standing = 'live'), count(*) FILTER (standing = 'live')) AS paid_amount,
    main.sum_stated(sum(outstanding_amount), count(*) FILTER (standing = 'live' AND payment_status IS NULL)) AS outstanding_amount,
    count(*) FILTER (standing = 'canceled') AS canceled_orders,
    main.sum_stated(sum(net_amount) FILTER (standing = 'canceled'), count(*) FILTER (standing = 'canceled')) AS canceled_amount,
    count(*) FILTER (standing = 'refunded') AS refunded_orders,
    main.sum_stated(sum(net_amount) FILTER (standing = 'refunded'), count(*) FILTER (standing = 'refunded')) AS refunded_amount
FROM main.classified_orders
WHERE flow = 'revenue' AND standing <> 'deleted'
GROUP BY business_date, source, account, currency;
