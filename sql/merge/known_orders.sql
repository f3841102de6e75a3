-- Which of the orders that enriching streams tell of exist: in the warehouse,
-- or made by this run's answers.
CREATE OR REPLACE TEMP TABLE known_orders AS
WITH told AS (
    SELECT NULL::VARCHAR AS order_id WHERE false
    {{- range .Told}}
    UNION SELECT order_id FROM read_parquet(getvariable('{{files . "_records"}}'))
    {{- end}}
)
SELECT o.order_id FROM main.orders o JOIN told USING (order_id)
WHERE o.source = getvariable('source') AND o.account = getvariable('account')
{{range .Makers}}
UNION
SELECT o.order_id FROM {{staged . "orders"}} o JOIN {{records .}} r ON r._seq = o._seq WHERE r.is_loadable
{{end}};
