-- The numbers under which a carrier may know the orders of another source
-- that it delivers: those of source $1 and account $2 with a delivery of one
-- of the carriers $3.
SELECT DISTINCT number, order_id FROM (
    SELECT {{.}} AS number, o.order_id
    FROM main.deliveries d
    JOIN main.orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE d.source = $1 AND d.account = $2
      AND list_contains($3::VARCHAR[], d.carrier)
      AND o.deleted_at IS NULL
)
WHERE number IS NOT NULL
ORDER BY number, order_id
