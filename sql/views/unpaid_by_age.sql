-- The age is counted to the day of the night that was published last, not to
-- today: the same database gives the same answer.
CREATE OR REPLACE VIEW main.unpaid_by_age AS
WITH night AS (
    SELECT (published_at AT TIME ZONE coalesce(timezone, 'UTC'))::DATE AS as_of
    FROM audit.meta
),
unpaid AS (
    SELECT n.as_of, o.*, n.as_of - o.business_date AS days
    FROM main.orders o
    CROSS JOIN night n
    WHERE o.flow = 'revenue'
      AND o.deleted_at IS NULL
      AND o.payment_status IN ('unpaid', 'partial')
      AND coalesce(o.status, '') NOT IN ('canceled', 'closed', 'refunded')
      AND coalesce(o.refund_status, '') <> 'refunded'
)
SELECT
    as_of,
    source,
    account,
    currency,
    CASE
        WHEN days < 0 THEN 'not yet due'
        WHEN days <= 7 THEN '0-7'
        WHEN days <= 30 THEN '8-30'
        WHEN days <= 90 THEN '31-90'
        WHEN days > 90 THEN 'over 90'
        ELSE 'unknown'
    END AS age,
    CASE
        WHEN days < 0 THEN NULL
        WHEN days <= 7 THEN 0
        WHEN days <= 30 THEN 8
        WHEN days <= 90 THEN 31
        WHEN days > 90 THEN 91
    END AS from_days,
    count(*) AS orders,
    sum(net_amount) AS net_amount,
    sum(coalesce(paid_amount, 0)) AS paid_amount,
    sum(net_amount - coalesce(paid_amount, 0)) AS outstanding_amount,
    min(business_date) AS oldest_date
FROM unpaid
GROUP BY as_of, source, account, currency, age, from_days;
