-- The orders that exist: those of the warehouse and those that this night's
-- answers make known. Streams that enrich are judged by them.
CREATE OR REPLACE TEMP TABLE known_orders AS
SELECT order_id FROM main.orders WHERE source = {{lit .Source}} AND account = {{lit .Account}}
{{range .Makers}}
UNION
SELECT order_id FROM {{staged . "_records"}} WHERE NOT is_rejected
{{end}};
