-- The orders to ask for by id: new, changed, or not final and not older than
-- refresh_open, created at $1 or later. Deleted orders are not asked for.
SELECT order_id, coalesce(order_no, '') FROM (
    SELECT o.order_id, o.order_no
    FROM cand_orders o
    LEFT JOIN changed_orders d ON d.order_id = o.order_id
    WHERE o.deleted_at IS NULL
      AND (d.order_id IS NOT NULL OR NOT coalesce({{.Final}}, false))
    UNION
    SELECT o.order_id, o.order_no
    FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND o.deleted_at IS NULL
      AND NOT coalesce({{.Final}}, false)
      AND coalesce(o.created_at, o.service_at) >= $1
      AND o.order_id NOT IN (SELECT order_id FROM touched_orders)
)
ORDER BY order_id
