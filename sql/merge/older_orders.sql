-- The orders of which the vendor answered with an older version than stands
-- (staged.sql), and in which window.
CREATE OR REPLACE TEMP TABLE older_orders AS
SELECT NULL::VARCHAR AS order_id, NULL::BIGINT AS window_no WHERE false
{{- range .}}
UNION ALL
SELECT order_id, window_no FROM {{records .}} WHERE is_older
{{- end}}
