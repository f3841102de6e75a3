-- The orders to ask for by id: new, changed, not shown when they were last asked
-- for, or not final and not older than refresh_open, created at $1 or later.
-- Deleted orders are not asked for, nor those that the list lacks. Of each whether
-- it is on its way: it has a waybill, and it is not final, or was not before this
-- run, or was not shown; and whether it was asked for before and not shown.
WITH again AS (SELECT DISTINCT order_id FROM cand_exceptions WHERE ask_again),
due AS (
    SELECT o.order_id, o.order_no, NOT coalesce({{.Final}}, false) AS is_open
    FROM cand_orders o
    LEFT JOIN changed_orders d ON d.order_id = o.order_id
    WHERE o.deleted_at IS NULL
      AND o.order_id NOT IN (SELECT order_id FROM absent_orders)
      AND (d.order_id IS NOT NULL OR NOT coalesce({{.Final}}, false) OR o.order_id IN (FROM again))
    UNION
    SELECT o.order_id, o.order_no, NOT coalesce({{.Final}}, false)
    FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND o.deleted_at IS NULL
      AND (NOT coalesce({{.Final}}, false) OR o.order_id IN (FROM again))
      AND coalesce(o.created_at, o.service_at) >= $1
      AND o.order_id NOT IN (SELECT order_id FROM touched_orders UNION ALL SELECT order_id FROM absent_orders)
),
was_open AS (
    SELECT o.order_id FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account') AND NOT coalesce({{.Final}}, false)
),
sent AS (
    SELECT NULL::VARCHAR AS order_id WHERE false
    {{- if .Delivers}}
    UNION
    SELECT order_id FROM cand_deliveries WHERE waybill_no <> ''
    UNION
    SELECT order_id FROM main.deliveries
    WHERE source = getvariable('source') AND account = getvariable('account') AND waybill_no <> ''
      AND order_id NOT IN (SELECT order_id FROM touched_orders)
    {{- end}}
)
SELECT order_id, coalesce(order_no, ''),
    (is_open OR order_id IN (FROM was_open) OR order_id IN (FROM again)) AND order_id IN (FROM sent),
    order_id IN (FROM again)
FROM due
ORDER BY order_id
