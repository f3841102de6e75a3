-- A file of a table that this program did not write, so that nobody knows of which
-- database its rows are.
SELECT file_path FROM {{id .Catalog}}.{{id .Schema}}.{{id .Table}}.files VERSION AS OF {{.Snapshot}} WHERE NOT file_path RLIKE {{text .Files}} LIMIT 1
