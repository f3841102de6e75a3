-- How many orders were created on each of some days: those of the warehouse
-- that are not deleted, and those that this night has staged so far.
WITH staged AS (
    SELECT NULL::VARCHAR AS order_id, NULL::TIMESTAMPTZ AS created_at WHERE false
    {{- range .Staged}}
    UNION ALL
    (SELECT o.order_id, o.created_at
    FROM {{parquet .Orders}} o
    JOIN {{parquet .Records}} g ON g._seq = o._seq AND NOT g.is_rejected AND NOT {{template "superseded" .}}
    QUALIFY row_number() OVER (PARTITION BY o.order_id ORDER BY o._seq DESC) = 1)
    {{- end}}
),
booked AS (
    SELECT order_id, max(created_at) AS created_at FROM staged GROUP BY order_id
    UNION ALL
    SELECT order_id, created_at FROM main.orders
    WHERE source = {{lit .Source}} AND account = {{lit .Account}} AND deleted_at IS NULL
      AND order_id NOT IN (SELECT order_id FROM staged WHERE order_id IS NOT NULL)
)
SELECT d.day, count(*)
FROM booked b
JOIN (VALUES
    {{- range $i, $d := .Days}}{{if $i}},{{end}}
    ({{lit $d.Name}}, {{instant $d.Start}}, {{instant $d.End}})
    {{- end}}
) d(day, day_start, day_end) ON b.created_at >= d.day_start AND b.created_at < d.day_end
GROUP BY d.day;
