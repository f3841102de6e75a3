-- How many rows a table of an attached database has, and a sum over all of them in
-- which no order counts and every one of several equal rows does.
SELECT count(*), coalesce(sum(hash(t)), 0)::VARCHAR
FROM (SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id $c}}{{end}} FROM {{id .Database}}.{{id .Schema}}.{{id .Name}}) t
