-- For each window, currency and amount column of one stream's table: the
-- amount that stands in the warehouse for the rows that count, and the amount
-- of the staged rows that do not (repeated, refused, or answered anew by a
-- later stream).
WITH staged AS (
    SELECT g.*, r.window_no,
        {{if .Plain}}true{{else}}{{if .Replace}}r.is_winner{{else}}r.is_loadable{{end}} AND row_number() OVER (
            PARTITION BY {{columns "g." .Keys}}, {{if .Replace}}r.is_winner{{else}}r.is_loadable{{end}} ORDER BY g._seq DESC) = 1
        {{- if .Replace}}{{range .LaterFull}} AND g.order_id NOT IN (SELECT order_id FROM {{records .}} WHERE is_winner){{end}}{{end}}
        {{- if .Parts}} AND {{template "still_listed" (.StillListed .No)}}{{end}}{{end}} AS counts
    FROM {{staged .Stream .Table}} g
    JOIN {{records .Stream}} r ON r._seq = g._seq
)
SELECT window_no, coalesce(s.currency, '') AS currency,
{{- range $i, $c := .Sums}}{{if $i}},{{end}}
    coalesce(sum(t.{{$c.Column}}) FILTER (WHERE s.counts AND s.{{$c.Column}} IS NOT NULL{{range $c.Later}} AND l{{.}}._seq IS NULL{{end}}), 0)::DECIMAL(38,4)::VARCHAR,
    coalesce(sum(s.{{$c.Column}}) FILTER (WHERE NOT (s.counts{{range $c.Later}} AND l{{.}}._seq IS NULL{{end}})), 0)::DECIMAL(38,4)::VARCHAR
{{- end}}
FROM staged s
LEFT JOIN main.{{.Table}} t ON t.source = s.source AND t.account = s.account AND {{equal "t" "s" .Keys}}
{{- range .Later}}
LEFT JOIN (SELECT DISTINCT {{columns "g." $.Keys}}, 1 AS _seq FROM {{staged .Name $.Table}} g JOIN {{records .Name}} r ON r._seq = g._seq AND r.is_loadable) l{{.N}} ON {{equal (printf "l%d" .N) "s" $.Keys}}
{{- end}}
GROUP BY ALL;
