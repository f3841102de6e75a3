-- The orders that exist: those of the warehouse and those that this night's
-- answers make. Streams that enrich are judged by them.
CREATE OR REPLACE TEMP TABLE known_orders AS
SELECT order_id FROM main.orders WHERE source = {{lit .Source}} AND account = {{lit .Account}}
{{range .Makers}}
UNION
SELECT o.order_id FROM {{staged . "orders"}} o JOIN {{records .}} r ON r._seq = o._seq WHERE r.is_loadable
{{end}};
