-- macro: daily_revenue()
-- gives: a table: revenue by business date, source, account and currency. The words are those of
--   the report revenue_days: what it calls orders and amounts is the same here, and adds up
--   to the same
SELECT
    business_date,
    source,
    account,
    currency,
    count(*) FILTER (WHERE standing = 'live') AS orders,
    sum_stated(sum(gross_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS gross_amount,
    sum_stated(sum(discount_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS discount_amount,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS net_amount,
    sum_stated(sum(paid_amount) FILTER (WHERE standing = 'live'), count(*) FILTER (WHERE standing = 'live')) AS paid_amount,
    sum_stated(sum(outstanding_amount), count(*) FILTER (WHERE standing = 'live' AND payment_status IS NULL)) AS outstanding_amount,
    count(*) FILTER (WHERE standing = 'canceled') AS canceled_orders,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'canceled'), count(*) FILTER (WHERE standing = 'canceled')) AS canceled_amount,
    count(*) FILTER (WHERE standing = 'refunded') AS refunded_orders,
    sum_stated(sum(net_amount) FILTER (WHERE standing = 'refunded'), count(*) FILTER (WHERE standing = 'refunded')) AS refunded_amount
FROM classified_orders()
WHERE flow = 'revenue' AND standing <> 'deleted'
GROUP BY business_date, source, account, currency
