-- Each order is counted once: as refunded where it was refunded, whatever its
-- status says (some sources leave it at completed), else under its status.
CREATE OR REPLACE VIEW main.order_funnel AS
WITH counted AS (
    SELECT *,
        CASE WHEN standing = 'refunded' THEN 'refunded' ELSE coalesce(status, 'unknown') END AS stage
    FROM main.classified_orders
    WHERE standing <> 'deleted'
)
SELECT
    business_date,
    source,
    account,
    kind,
    flow,
    currency,
    count(*) AS orders,
    count(*) FILTER (stage = 'pending') AS pending,
    count(*) FILTER (stage = 'confirmed') AS confirmed,
    count(*) FILTER (stage = 'in_progress') AS in_progress,
    count(*) FILTER (stage = 'completed') AS completed,
    count(*) FILTER (stage = 'canceled') AS canceled,
    count(*) FILTER (stage = 'closed') AS closed,
    count(*) FILTER (stage = 'refunded') AS refunded,
    count(*) FILTER (stage = 'unknown') AS unknown,
    coalesce(sum(net_amount) FILTER (stage = 'completed'), 0) AS completed_amount,
    coalesce(sum(net_amount) FILTER (stage IN ('pending', 'confirmed', 'in_progress', 'unknown')), 0) AS open_amount,
    coalesce(sum(net_amount) FILTER (standing = 'canceled'), 0) AS canceled_amount,
    coalesce(sum(net_amount) FILTER (stage = 'refunded'), 0) AS refunded_amount
FROM counted
GROUP BY business_date, source, account, kind, flow, currency;
