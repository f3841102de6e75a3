-- A table of the lake as it was after the last night of each of some databases: once for each,
-- with its rows alone where they are several, by the names of its files. Without a snapshot it
-- has no rows. What the configuration of every machine says is said once.
CREATE OR REPLACE TEMPORARY VIEW {{id .View}} AS
{{if .Once}}SELECT DISTINCT * FROM (
{{end}}{{range $i, $part := .Parts}}{{if $i}}
UNION ALL
{{end}}SELECT t.* FROM {{id $.Catalog}}.{{id $.Schema}}.{{id $.Table}} {{if $part.Snapshot}}VERSION AS OF {{$part.Snapshot}} t{{if $part.Files}} WHERE t._file RLIKE {{text $part.Files}}{{end}}{{else}}t WHERE false{{end}}{{end}}{{if .Once}}
) u{{end}}
