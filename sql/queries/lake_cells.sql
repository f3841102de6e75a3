-- The cells of a table of an Iceberg lake, a file each: their rows, and a digest that
-- changes when any of these does. A template, see reports/iceberg.
SELECT
    {{range .By}}r.{{.}}, {{end}}
    count(*) AS rows,
    printf('%032x%08x', sum(hash(r)::HUGEINT) % 170141183460469231731687303715884105727, count(*)) AS digest
FROM ({{template "queries/lake_rows" .Table}}) r
GROUP BY ALL
HAVING count(*) > 0
ORDER BY ALL
