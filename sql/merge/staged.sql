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
        NOT g.is_rejected AND NOT g.is_of_page AND NOT is_superseded{{if .Enriches}} AND k.order_id IS NOT NULL{{end}} AS is_loadable
    FROM {{staged .Stream "_records"}} g
    LEFT JOIN unnamed u ON u._seq = g._seq
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
