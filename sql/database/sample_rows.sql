-- Orders of whose rows in a table, decoded anew in the attached database one, the
-- published one has others, though the same run brought it rows of the same raw record.
-- What the answer leaves out, a row may have of an earlier one.
SELECT DISTINCT s.source, s.account, s.order_id, false
FROM one.main.{{id .Name}} s
SEMI JOIN other.main.{{id .Name}} o USING (source, account, order_id, payload_sha256, run_id)
WHERE NOT EXISTS (
    FROM other.main.{{id .Name}} o
    WHERE o.source = s.source AND o.account = s.account AND o.order_id = s.order_id AND o.payload_sha256 = s.payload_sha256
    {{- range .Columns}}
      AND (s.{{id .}} IS NULL OR o.{{id .}} IS NOT DISTINCT FROM s.{{id .}}){{end}})
ORDER BY ALL
