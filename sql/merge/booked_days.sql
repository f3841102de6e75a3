-- How many orders were created on each of some days: those of the warehouse
-- that are not deleted, and those that this run has staged so far. $1 are the
-- names of the days, $2 and $3 when each begins and ends.
WITH staged AS (
    SELECT NULL::VARCHAR AS order_id, NULL::TIMESTAMPTZ AS created_at WHERE false
    {{- range .}}
    UNION ALL
    (SELECT o.order_id, o.created_at
    FROM read_parquet(getvariable('{{files . "orders"}}')) o
    JOIN read_parquet(getvariable('{{files . "_records"}}')) g ON g._seq = o._seq AND NOT g.is_rejected AND NOT {{template "superseded" .}}
    QUALIFY row_number() OVER (PARTITION BY o.order_id ORDER BY o._seq DESC) = 1)
    {{- end}}
),
booked AS (
    SELECT order_id, max(created_at) AS created_at FROM staged GROUP BY order_id
    UNION ALL
    SELECT order_id, created_at FROM main.orders
    WHERE source = getvariable('source') AND account = getvariable('account') AND deleted_at IS NULL
      AND order_id NOT IN (SELECT order_id FROM staged WHERE order_id IS NOT NULL)
)
SELECT d.day, count(*)
FROM booked b
JOIN (
    SELECT unnest($1::VARCHAR[]) AS day, unnest($2::TIMESTAMPTZ[]) AS day_start, unnest($3::TIMESTAMPTZ[]) AS day_end
) d ON b.created_at >= d.day_start AND b.created_at < d.day_end
GROUP BY d.day
