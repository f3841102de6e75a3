-- The orders to ask for by id: new, changed, not shown when they were last asked
-- for, or not final and not older than refresh_open, created at $1 or later.
-- Deleted orders are not asked for, nor those that the list lacks.
WITH again AS (SELECT DISTINCT order_id FROM cand_exceptions WHERE ask_again)
SELECT order_id, coalesce(order_no, ''), order_id IN (FROM again) FROM (
    SELECT o.order_id, o.order_no
    FROM cand_orders o
    LEFT JOIN changed_orders d ON d.order_id = o.order_id
    WHERE o.deleted_at IS NULL
      AND o.order_id NOT IN (SELECT order_id FROM absent_orders)
      AND (d.order_id IS NOT NULL OR NOT coalesce({{.Final}}, false) OR o.order_id IN (FROM again))
    UNION
    SELECT o.order_id, o.order_no
    FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND o.deleted_at IS NULL
      AND (NOT coalesce({{.Final}}, false) OR o.order_id IN (FROM again))
      AND coalesce(o.created_at, o.service_at) >= $1
      AND o.order_id NOT IN (SELECT order_id FROM touched_orders UNION ALL SELECT order_id FROM absent_orders)
)
ORDER BY order_id
