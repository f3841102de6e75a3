-- The orders of which this night's answers say anything.
CREATE OR REPLACE TEMP TABLE touched_orders AS
SELECT DISTINCT order_id FROM (
    SELECT NULL::VARCHAR AS order_id WHERE false
{{range .Streams}}
    UNION ALL
    SELECT order_id FROM {{records .}} WHERE is_loadable
{{end}}
);
