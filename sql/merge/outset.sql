-- What can be left out of this merge. "held": tables of which the warehouse has
-- rows that the answers may touch. "lost": streams of which records lost to others
-- or are older than what stands. "exceptions": those that stand, and streams
-- with orders without a time of creation. "plain": tables of which one stream alone
-- tells (.Alone), each of whose records loads and is of an order of its own, and
-- whose rows have keys of their own.
SELECT 'held' AS what, name FROM (
    {{- range $i, $t := .Tables}}
    {{- if $i}} UNION ALL{{end}}
    (SELECT {{text .Table}} AS name FROM main.{{.Table}} t
    {{- if not .OwnKey}} SEMI JOIN touched_orders o ON o.order_id = t.order_id{{end}}
    WHERE t.source = getvariable('source') AND t.account = getvariable('account') LIMIT 1)
    {{- end}}
)
UNION ALL
(SELECT 'exceptions', '' FROM audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account') LIMIT 1)
{{- range .Streams}}
UNION ALL
(SELECT 'lost', {{text .Name}} FROM {{records .Name}} WHERE is_loadable AND NOT is_winner OR is_older LIMIT 1)
{{- if .Creation}}
UNION ALL
(SELECT 'exceptions', {{text .Name}} FROM {{staged .Name "orders"}} WHERE created_at IS NULL LIMIT 1)
{{- end}}
{{- end}}
{{- range .Alone}}
UNION ALL
SELECT 'plain', {{text .Table}}
WHERE (SELECT count(*) = count(*) FILTER (is_winner) AND count(*) = count(DISTINCT order_id) FROM {{records (index .Streams 0).Name}} WHERE NOT is_of_page)
  AND (SELECT count(*) FROM {{staged (index .Streams 0).Name .Table}}) = (SELECT count(*) FROM (SELECT DISTINCT {{columns "" .Keys}} FROM {{staged (index .Streams 0).Name .Table}}))
{{- end}}
