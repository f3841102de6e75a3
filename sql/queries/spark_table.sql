-- A table of the lake as it was at a moment; without one, a table that nothing was
-- written to yet.
CREATE OR REPLACE TEMPORARY VIEW {{id .View}} AS
SELECT * FROM {{id .Catalog}}.{{id .Schema}}.{{id .Table}}{{if .Moment}} TIMESTAMP AS OF {{text .Moment}}{{end}}
