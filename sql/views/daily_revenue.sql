-- The words of the report revenue_days, by source and account: what it calls
-- orders and amounts is the same here, and adds up to the same.
CREATE OR REPLACE VIEW main.daily_revenue AS
WITH revenue AS (
    SELECT *,
        coalesce(status = 'refunded', false) OR coalesce(refund_status = 'refunded', false) AS is_refunded,
        coalesce(status IN ('canceled', 'closed'), false) AS is_canceled
    FROM main.orders
    WHERE flow = 'revenue' AND deleted_at IS NULL
)
SELECT
    business_date,
    source,
    account,
    currency,
    count(*) FILTER (NOT is_refunded) AS orders,
    sum(gross_amount) FILTER (NOT is_refunded) AS gross_amount,
    sum(discount_amount) FILTER (NOT is_refunded) AS discount_amount,
    coalesce(sum(net_amount) FILTER (NOT is_refunded), 0) AS net_amount,
    coalesce(sum(net_amount) FILTER (NOT is_refunded AND is_canceled), 0) AS canceled_amount,
    sum(paid_amount) FILTER (NOT is_refunded) AS paid_amount,
    coalesce(sum(net_amount - coalesce(paid_amount, 0)) FILTER (
        NOT is_refunded AND NOT is_canceled AND payment_status IN ('unpaid', 'partial')
    ), 0) AS outstanding_amount,
    count(*) FILTER (is_refunded) AS refunded_orders,
    coalesce(sum(net_amount) FILTER (is_refunded), 0) AS refunded_amount
FROM revenue
GROUP BY business_date, source, account, currency;
