-- How a table differs between two attached databases: how many rows the first alone
-- has and the second alone, in which columns these are other rows, and by which names
-- the first few of them are known; and of which accounts they are, with blanks between. A row that the one has twice and the other once
-- differs. No other value of a row is told: it may be about a person.
WITH
one AS (SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id $c}}{{end}} FROM {{id .One}}.{{id .Schema}}.{{id .Name}}),
other AS (SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id $c}}{{end}} FROM {{id .Other}}.{{id .Schema}}.{{id .Name}}),
gone AS MATERIALIZED (FROM one EXCEPT ALL FROM other),
added AS MATERIALIZED (FROM other EXCEPT ALL FROM one),
differing AS (
    {{range $i, $c := .Columns}}{{if $i}}UNION ALL
    {{end}}SELECT {{text $c}} AS name WHERE (SELECT sum(hash({{id $c}})) FROM gone) IS DISTINCT FROM (SELECT sum(hash({{id $c}})) FROM added)
    {{end}}
),
known AS (
    SELECT DISTINCT concat_ws(' ', NULL::VARCHAR{{range .Keys}}, {{id .}}::VARCHAR{{end}}) AS name
    FROM (FROM gone UNION ALL FROM added)
    ORDER BY name
    LIMIT {{.First}}
)
SELECT
    (SELECT count(*) FROM gone),
    (SELECT count(*) FROM added),
    coalesce((SELECT string_agg(name, ', ') FROM differing), ''),
    coalesce((SELECT string_agg(name, ', ') FROM known WHERE name <> ''), ''),
    {{if .OfAccounts}}coalesce((SELECT string_agg(DISTINCT source || '/' || account, ' ') FROM (FROM gone UNION ALL FROM added)), ''){{else}}''{{end}}
