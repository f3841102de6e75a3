-- Which stream's answers say something of which order, for a source's own SQL
-- too.
CREATE OR REPLACE TEMP TABLE answered_orders AS
SELECT NULL::VARCHAR AS stream, NULL::VARCHAR AS order_id WHERE false
{{range .}}
UNION
SELECT {{text .}}, order_id FROM {{records .}} WHERE is_loadable
{{end}};

-- The orders of which this run's answers say anything, be it that they are
-- gone.
CREATE OR REPLACE TEMP TABLE touched_orders AS
SELECT order_id FROM answered_orders
UNION
SELECT order_id FROM older_orders
UNION
SELECT order_id FROM gone_orders;
