-- What stands in no figure, or in none by date, as it is now: amounts that
-- cannot be read, orders without a business date, and rows that were refused.
-- The first twenty of each; total is how many there are.
WITH amounts AS (
    SELECT 'unreadable' AS what, source || '/' || account AS account, order_id, field, min(raw) AS stated
    FROM audit.exceptions
    WHERE kind = 'finding' AND is_amount AND order_id IS NOT NULL
    GROUP BY ALL
),
undated AS (
    SELECT 'undated' AS what, source || '/' || account AS account, order_id, NULL AS field,
        concat_ws(' ', coalesce(net_amount, paid_amount, gross_amount), currency, flow) AS stated
    FROM main.orders
    WHERE business_date IS NULL AND deleted_at IS NULL
),
refused AS (
    SELECT 'refused' AS what, source || '/' || account AS account, coalesce(any_value(order_id), min(landing_ref)) AS order_id, min(field) AS field, min(raw) AS stated
    FROM audit.exceptions
    WHERE kind = 'reject'
    GROUP BY source, account, stream, record_key
)
SELECT what, account, order_id, field, stated, count(*) OVER (PARTITION BY what) AS total
FROM (FROM amounts UNION ALL FROM undated UNION ALL FROM refused)
QUALIFY row_number() OVER (PARTITION BY what ORDER BY account, order_id, field) <= 20
ORDER BY what DESC, account, order_id, field
