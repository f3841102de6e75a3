-- Reads every value of every table: a block that is not as it was written is an
-- error then, and nowhere else.
{{range $i, $t := .}}{{if $i}}
UNION ALL
{{end}}SELECT {{text (printf "%s.%s" $t.Schema $t.Name)}}, coalesce(bit_xor(hash(t)), 0)::VARCHAR FROM {{id $t.Schema}}.{{id $t.Name}} t{{end}}
