-- States of an order that came in this run and lost to a later one: of several
-- records with one key the latest loads. The others are kept as versions that
-- held for no time, where no version is like them. So are those that are older
-- than what stood before the run, where no version since is like them. It runs before the order's
-- new version is written, so that this one gets the higher number.
INSERT INTO audit.order_versions BY NAME
WITH lost AS (
    SELECT NULL::TIMESTAMPTZ AS version_at, NULL::BIGINT AS _seq, false AS is_older, c.* FROM cand_orders c WHERE false
    {{- range .Streams}}
    UNION ALL BY NAME
    SELECT q.version_at, g._seq, r.is_older, c.* REPLACE (g.payload_sha256 AS payload_sha256, g.landing_ref AS landing_ref{{range $.Carried .}}, g.{{.}} AS {{.}}{{end}})
    FROM {{staged .Name "orders"}} g
    JOIN {{records .Name}} r ON r._seq = g._seq AND (r.is_loadable AND NOT r.is_winner OR r.is_older)
    JOIN {{staged .Name "_records"}} q ON q._seq = g._seq
    JOIN cand_orders c ON c.order_id = g.order_id
    {{- end}}
),
once AS (
    SELECT * FROM lost
    QUALIFY row_number() OVER (PARTITION BY order_id{{range .Columns}}, {{.}}{{end}} ORDER BY version_at, _seq) = 1
)
SELECT
    l.* EXCLUDE (version_at, _seq, is_older),
    getvariable('run_id') AS run_id,
    row_number() OVER (PARTITION BY l.order_id ORDER BY l.version_at NULLS FIRST, l._seq) + coalesce((
        SELECT max(v.version_no) FROM audit.order_versions v
        WHERE v.source = l.source AND v.account = l.account AND v.order_id = l.order_id
    ), 0) AS version_no,
    getvariable('run_at') AS valid_from,
    getvariable('run_at') AS valid_to
FROM once l
WHERE NOT EXISTS (
    SELECT 1 FROM cand_orders c
    WHERE c.order_id = l.order_id{{range .Columns}} AND c.{{.}} IS NOT DISTINCT FROM l.{{.}}{{end}}
)
AND NOT EXISTS (
    SELECT 1 FROM audit.order_versions v
    WHERE v.source = l.source AND v.account = l.account AND v.order_id = l.order_id{{range .Columns}} AND v.{{.}} IS NOT DISTINCT FROM l.{{.}}{{end}}
      AND (NOT l.is_older OR v.version_no > (
        SELECT max(n.version_no) FROM audit.order_versions n
        WHERE n.source = l.source AND n.account = l.account AND n.order_id = l.order_id AND n.valid_to IS NULL))
);
