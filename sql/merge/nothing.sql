-- A table of which neither the answers nor the warehouse have anything.
CREATE OR REPLACE TEMP TABLE {{cand .Table}} AS SELECT * EXCLUDE (run_id) FROM main.{{.Table}} LIMIT 0;
CREATE OR REPLACE TEMP TABLE {{diff .Table}} AS
SELECT order_id, {{columns "" .RestKeys}}{{if .RestKeys}}, {{end}}NULL::VARCHAR AS change FROM {{cand .Table}};
