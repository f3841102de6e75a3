-- The staged files of one stream, and its records: which of them load. Of
-- several records with one key the winner is the latest by the source's own
-- version time, then by landing order. A stream that enriches loads only
-- records of orders that are known. Records of a reading of the window that a
-- later one has superseded do not load.
--
-- A record without a key is known by its text: read again in another window, or
-- in another reading of its own, it is the same record. Records of one text
-- within a reading are as many as came, for nothing tells whether they are one.
--
-- A record whose own time of the last change lies before that of the order as it
-- stands (is_older) does not load: a vendor answered from a copy that is behind, or
-- went back. Where it gives the order as it stands, or a newer one, beside it, it did
-- neither. What it says half a day later still, and nothing newer in between
-- (audit.older_answers), is taken, for then it stands by it: a backup that was restored. A time that occurs twice on its day, or that was
-- doubted otherwise, proves nothing.
--
-- What is said of an answer itself (is_of_page) is no record: it only keeps its
-- findings.
{{range .Tables}}
CREATE OR REPLACE TEMP VIEW {{staged $.Stream .}} AS
SELECT * FROM read_parquet(getvariable('{{files $.Stream .}}'));
{{end}}
CREATE OR REPLACE TEMP TABLE {{records .Stream}} AS
WITH unnamed AS (
    SELECT
        g._seq,
        coalesce(
            '#' || g.text_sha256 || '/' || row_number() OVER (PARTITION BY g.window_no, g.pass_no, g.text_sha256 ORDER BY g._seq),
            '#' || g._seq) AS record_key
    FROM {{staged .Stream "_records"}} g
    WHERE g.record_key IS NULL
),
{{- if .Versioned}}
older AS (
    SELECT s._seq
    FROM {{staged .Stream "orders"}} s
    JOIN {{staged .Stream "_records"}} g ON g._seq = s._seq AND NOT g.is_rejected AND NOT {{template "superseded" .}}
    JOIN main.orders o ON o.source = getvariable('source') AND o.account = getvariable('account') AND o.order_id = s.order_id AND o.deleted_at IS NULL
    WHERE NOT EXISTS (
        SELECT 1 FROM audit.older_answers a
        WHERE a.source = o.source AND a.account = o.account AND a.order_id = o.order_id
          AND a.older_since <= getvariable('run_at') - INTERVAL 12 HOURS)
    {{- if .Issues}}
      AND s._seq NOT IN (SELECT _seq FROM {{staged .Stream "_issues"}} WHERE table_name = 'orders' AND column_name = 'updated_at')
    {{- end}}
    QUALIFY max(s.updated_at) OVER (PARTITION BY s.order_id) < o.updated_at
),
{{- end}}
loadable AS (
    SELECT
        coalesce(g.record_key, u.record_key) AS record_key,
        g.order_id,
        g._seq,
        g.window_no,
        g.is_rejected,
        g.is_whole,
        g.ask_again,
        g.is_of_page,
        g.version_at,
        {{template "superseded" .}} AS is_superseded,
        {{if .Versioned}}b._seq IS NOT NULL{{else}}false{{end}} AS is_older,
        NOT g.is_rejected AND NOT g.is_of_page AND NOT is_superseded AND NOT is_older{{if .Enriches}} AND k.order_id IS NOT NULL{{end}} AS is_loadable
    FROM {{staged .Stream "_records"}} g
    LEFT JOIN unnamed u ON u._seq = g._seq
    {{- if .Versioned}}
    LEFT JOIN older b ON b._seq = g._seq
    {{- end}}
    {{- if .Enriches}}
    LEFT JOIN known_orders k ON k.order_id = g.order_id
    {{- end}}
)
SELECT
    * EXCLUDE (version_at),
    is_loadable AND row_number() OVER (
        PARTITION BY record_key, is_loadable
        ORDER BY version_at DESC NULLS LAST, _seq DESC
    ) = 1 AS is_winner
FROM loadable;
{{define "superseded"}}coalesce(g._seq < getvariable('superseded_before')[g.window_no + 1], false){{end}}
