-- A table of the lake as it was after a night; without a snapshot, one that has no rows.
CREATE OR REPLACE TEMPORARY VIEW {{id .View}} AS
SELECT * FROM {{id .Catalog}}.{{id .Schema}}.{{id .Table}} {{if .Snapshot}}VERSION AS OF {{.Snapshot}}{{else}}WHERE false{{end}}
