-- A table of the lake as it was after a night; without a snapshot, one that has no rows.
-- Of a lake that several databases share, the rows of one, by the names of its files.
CREATE OR REPLACE TEMPORARY VIEW {{id .View}} AS
SELECT t.* FROM {{id .Catalog}}.{{id .Schema}}.{{id .Table}} {{if .Snapshot}}VERSION AS OF {{.Snapshot}} t{{if .Files}} WHERE t._file RLIKE {{text .Files}}{{end}}{{else}}t WHERE false{{end}}
