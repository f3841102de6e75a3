-- The rows of one table as they ought to stand after this run, for every
-- order touched: each column from the latest stream that carries it and has
-- the row, else as it stands in the warehouse. An answer that does not carry
-- a column never clears it, nor does that of an order that had to be asked for once
-- more and was not shown. Where the warehouse has nothing of it (.New), or one
-- stream alone tells of it and nothing twice (.Plain), there is less to do
-- (outset.sql).
CREATE OR REPLACE TEMP TABLE {{cand .Table}} AS
WITH
cur AS (
    SELECT t.* FROM main.{{.Table}} t
    WHERE {{if .New}}false{{else}}t.source = getvariable('source') AND t.account = getvariable('account'){{end}}
    {{- if .New}}
    {{- else if .OwnKey}}
      AND ({{columns "t." .Keys}}) IN (SELECT {{columns "" .Keys}} FROM (
        SELECT {{range $i, $k := .Keys}}{{if $i}}, {{end}}NULL::VARCHAR AS {{$k}}{{end}} WHERE false
        {{- range .Streams}} UNION ALL SELECT {{columns "" $.Keys}} FROM {{staged .Name $.Table}}{{end}}))
    {{- else}}
      AND t.order_id IN (SELECT order_id FROM touched_orders)
    {{- end}}
),
{{- range .Streams}}
s{{.N}} AS (
    SELECT g.*
    FROM {{staged .Name $.Table}} g
    {{- if not $.Plain}}
    JOIN {{records .Name}} r ON r._seq = g._seq AND {{if $.Replace}}r.is_winner{{else}}r.is_loadable{{end}}
    {{- if $.Parts}}
    WHERE {{template "still_listed" ($.StillListed .N)}}
    {{- end}}
    QUALIFY row_number() OVER (PARTITION BY {{columns "g." $.Keys}} ORDER BY g._seq DESC) = 1
    {{- end}}
),
{{- end}}
keys AS (
{{- if .Alone}}
    SELECT * FROM s{{(index .Streams 0).N}}
{{- else}}
    SELECT {{columns "" .Keys}} FROM cur
    {{- if and .Replace .Full}} WHERE order_id NOT IN ({{range $i, $f := .Full}}{{if $i}} UNION ALL {{end}}{{template "listing" $f}}{{end}}){{end}}
    {{- if .Parts}} WHERE order_id NOT IN (SELECT order_id FROM whole_orders WHERE stream_no IN ({{.Carriers}})){{end}}
{{- range .Streams}}
    UNION
    SELECT {{columns "" $.Keys}} FROM s{{.N}}
    {{- if and $.Replace .LaterFull}} WHERE order_id NOT IN ({{range $i, $f := .LaterFull}}{{if $i}} UNION ALL {{end}}{{template "listing" $f}}{{end}}){{end}}
{{- end}}
{{- end}}
)
SELECT
    getvariable('source') AS source,
    getvariable('account') AS account,
{{- if .OwnKey}}
    {{template "resolved" (.Resolve "order_id")}},
{{- end}}
    {{range .Keys}}keys.{{.}}, {{end}}
{{- range .Columns}}
    {{template "resolved" ($.Resolve .)}},
{{- end}}
{{- if .SoftDelete}}
    CASE WHEN {{if .Alone}}true{{else}}{{range $i, $s := .Streams}}{{if $i}} OR {{end}}s{{.N}}._seq IS NOT NULL{{else}}false{{end}}{{end}} THEN NULL
        WHEN cur.deleted_at IS NULL AND keys.order_id IN (SELECT order_id FROM gone_orders) THEN getvariable('run_at') ELSE cur.deleted_at END AS deleted_at,
{{- end}}
    {{template "resolved" (.Resolve "payload_sha256")}},
    {{template "resolved" (.Resolve "landing_ref")}}
FROM keys
LEFT JOIN cur ON {{equal "cur" "keys" .Keys}}
{{- range .Joined}}
LEFT JOIN s{{.N}} ON {{equal (printf "s%d" .N) "keys" $.Keys}}
{{- end}};
{{define "resolved"}}{{if and .Alone .Streams}}keys.{{.Column}}{{else if .Streams}}CASE{{range .Streams}} WHEN s{{.}}._seq IS NOT NULL THEN s{{.}}.{{$.Column}}{{end}} ELSE cur.{{.Column}} END{{else}}cur.{{.Column}}{{end}} AS {{.Column}}{{end}}
{{define "still_listed"}}NOT EXISTS (FROM whole_orders w WHERE w.order_id = g.order_id AND w.stream_no IN ({{.Carriers}}) AND (w.stream_no > {{.N}} OR w.stream_no = {{.N}} AND w._seq > g._seq)){{end}}
{{define "listing"}}SELECT order_id FROM {{records .}} WHERE is_winner AND order_id NOT IN (SELECT order_id FROM {{records .}} WHERE ask_again AND NOT is_superseded){{end}}
