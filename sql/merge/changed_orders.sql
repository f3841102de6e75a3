-- The orders that this run's answers change, in any table.
CREATE OR REPLACE TEMP TABLE changed_orders AS
SELECT order_id, CASE WHEN bool_or(is_new) THEN 'inserted' ELSE 'updated' END AS change
FROM (
    SELECT NULL::VARCHAR AS order_id, false AS is_new WHERE false
{{range .}}
    UNION ALL
    SELECT order_id, {{if eq . "orders"}}change = 'inserted'{{else}}false{{end}} FROM {{diff .}}
{{end}}
)
GROUP BY order_id;
