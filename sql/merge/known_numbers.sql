-- The numbers under which a carrier may know the orders of another source
-- that it delivers.
SELECT DISTINCT number, order_id FROM (
    SELECT {{.Number}} AS number, o.order_id
    FROM main.deliveries d
    JOIN main.orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE d.source = {{lit .Source}} AND d.account = {{lit .Account}}
      AND d.carrier IN ({{range $i, $c := .Carriers}}{{if $i}}, {{end}}{{lit $c}}{{end}})
      AND o.deleted_at IS NULL
)
WHERE number IS NOT NULL
ORDER BY number, order_id;
