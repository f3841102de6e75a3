-- The orders without a business date as they were known at $2, that may be of
-- a period that ends on $1: their creation is not known, or no later. They are
-- in the figures of no period.
SELECT source, account, coalesce(flow, ''), coalesce(currency, ''), count(*), sum(net_amount)::DECIMAL(38,4)::VARCHAR
FROM main.orders_as_of($2)
WHERE deleted_at IS NULL AND business_date IS NULL
    -- Wherever on earth the day ends: two days later no clock shows it any more.
    AND (created_at IS NULL OR created_at < ($1::VARCHAR || ' 00:00:00+00')::TIMESTAMPTZ + INTERVAL 2 DAY)
GROUP BY ALL
ORDER BY ALL
