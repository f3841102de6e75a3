-- How often a table of the lake was written.
SELECT count(*) AS snapshots FROM {{id .Catalog}}.{{id .Schema}}.{{id .Table}}.snapshots
