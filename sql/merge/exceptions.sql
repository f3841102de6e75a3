-- What the last reading of each record could not take, as it ought to stand
-- after this run, in cand_exceptions: what this run's answers leave, and what
-- still stands of earlier runs. _row is the row of audit.exceptions, null where
-- there is none yet; is_new tells that this run's answers say so.
--
-- Of several readings of a record the one that loads counts, else the last. What
-- a stream says of a column counts no more once another stream that carries the
-- column has answered for the order: in a later run, or in the same one and with
-- precedence. The same holds for a refused record, and for a finding that is no
-- column's, where the other stream carries all that the first one does.
--
-- That an order was not shown when it was asked for by itself (ask_again) holds
-- until that stream answers it. What the order's earlier answers could not give
-- stands beside it.
--
-- An order whose stream carries its time of creation and states none that can
-- be read is one of these, too: its date, if it has any, is not what the vendor
-- goes by, so it is not missed where a window of creation times lacks it.
CREATE OR REPLACE TEMP TABLE told_exceptions AS
SELECT NULL::VARCHAR AS stream, NULL::VARCHAR AS record_key, NULL::BIGINT AS window_no, NULL::BIGINT AS _seq,
    NULL::VARCHAR AS order_id, NULL::BOOLEAN AS is_reject, NULL::VARCHAR AS table_name, NULL::VARCHAR AS column_name, NULL::BOOLEAN AS is_amount,
    NULL::BIGINT AS line_no, NULL::VARCHAR AS field, NULL::VARCHAR AS reason, NULL::VARCHAR AS raw, NULL::VARCHAR AS landing_ref,
    NULL::BOOLEAN AS ask_again
WHERE false
{{- range .}}
{{- if .Issues}}
UNION ALL BY NAME
SELECT {{text .Name}} AS stream, l.record_key, l.window_no, i._seq,
    i.order_id, i.is_reject, i.table_name, i.column_name, i.is_amount, i.line_no, i.field, i.reason, i.raw, i.landing_ref, l.ask_again
FROM {{staged .Name "_issues"}} i
JOIN (
    SELECT r.record_key, r.order_id, r.window_no, r._seq, r.ask_again
    FROM {{records .Name}} r
    WHERE NOT r.is_superseded
      AND r.record_key IN (SELECT d.record_key FROM {{records .Name}} d JOIN {{staged .Name "_issues"}} USING (_seq))
    QUALIFY row_number() OVER (PARTITION BY r.record_key ORDER BY r.is_winner DESC, r._seq DESC) = 1
) l USING (_seq)
WHERE true
{{- range .Listed}}
  AND NOT (l.order_id IS NULL AND l.record_key IN (SELECT record_key FROM {{records .}} WHERE order_id IS NULL AND NOT is_superseded))
{{- end}}
{{- end}}
{{- if .Creation}}
UNION ALL BY NAME
SELECT {{text .Name}} AS stream, r.record_key, r.window_no, r._seq, r.order_id, false AS is_reject,
    'orders' AS table_name, 'created_at' AS column_name, false AS is_amount,
    'created_at' AS field, 'no time of creation that can be read' AS reason, g.landing_ref, false AS ask_again
FROM {{staged .Name "orders"}} g
JOIN {{records .Name}} r ON r._seq = g._seq AND r.is_winner
WHERE g.created_at IS NULL
{{- end}}
{{- end}};

CREATE OR REPLACE TEMP TABLE old_exceptions AS
SELECT rowid AS _row, *
FROM audit.exceptions
WHERE source = getvariable('source') AND account = getvariable('account');

CREATE OR REPLACE TEMP TABLE read_again AS
SELECT NULL::VARCHAR AS stream, NULL::VARCHAR AS record_key WHERE false
{{- range .}}
UNION ALL
SELECT {{text .Name}}, record_key FROM {{records .Name}}
WHERE NOT is_superseded AND record_key IN (SELECT record_key FROM old_exceptions WHERE stream = {{text .Name}})
{{- end}};

-- Orders that were not shown and now are. One that was asked for by another
-- system's number is answered under its own.
CREATE OR REPLACE TEMP TABLE shown_again AS
SELECT o._row
FROM old_exceptions o
JOIN answered_orders a USING (stream)
JOIN cand_orders c ON c.order_id = a.order_id
WHERE o.ask_again AND o.order_id IN (a.order_id, c.link_ref);

-- What this run's answers say of the orders in question: which stream, by which
-- columns.
CREATE OR REPLACE TEMP TABLE answered_columns AS
SELECT a.order_id, c.*
FROM answered_orders a
JOIN stream_columns c USING (stream)
WHERE a.order_id IN (SELECT order_id FROM told_exceptions UNION SELECT order_id FROM old_exceptions);

CREATE OR REPLACE TEMP TABLE answered_wholly AS
SELECT DISTINCT a.order_id, v.*
FROM answered_columns a
JOIN (
    SELECT s.stream, b.stream AS by_stream, b.n > s.n AS is_later
    FROM (SELECT *, count(*) OVER (PARTITION BY stream) AS columns FROM stream_columns) s
    JOIN stream_columns b ON b.table_name = s.table_name AND b.column_name = s.column_name AND b.stream <> s.stream
    GROUP BY s.stream, b.stream, s.n, b.n, s.columns
    HAVING count(*) = s.columns
) v ON v.by_stream = a.stream;

CREATE OR REPLACE TEMP TABLE new_exceptions AS
SELECT DISTINCT ON (t.stream, t.record_key, t.is_reject, t.field, t.reason, t.raw, t.table_name, t.column_name)
    getvariable('source') AS source, getvariable('account') AS account,
    t.stream, t.record_key, CASE WHEN t.is_reject THEN 'reject' ELSE 'finding' END AS kind,
    t.order_id, t.table_name, t.column_name, t.is_amount, t.line_no, t.field, t.reason, t.raw,
    w.window_start, w.window_end, w.filter, t.landing_ref, t.ask_again, getvariable('run_id') AS run_id
FROM told_exceptions t
JOIN window_bounds w USING (window_no)
LEFT JOIN (SELECT DISTINCT stream, n FROM stream_columns) s ON s.stream = t.stream
WHERE NOT EXISTS (
    SELECT 1 FROM answered_columns a
    WHERE a.order_id = t.order_id AND a.table_name = t.table_name AND a.column_name = t.column_name AND a.n > s.n)
  AND NOT (t.column_name IS NULL AND EXISTS (
    SELECT 1 FROM answered_wholly a WHERE a.order_id = t.order_id AND a.stream = t.stream AND a.is_later))
ORDER BY t._seq;

CREATE OR REPLACE TEMP TABLE cand_exceptions AS
WITH seen AS ( -- said before in the same words: it stays as it is
    SELECT max(o._row) AS _row, n.stream, n.record_key, n.kind, n.field, n.reason, n.raw, n.table_name, n.column_name
    FROM new_exceptions n
    JOIN old_exceptions o ON o.stream = n.stream AND o.record_key = n.record_key
        AND row(o.kind, o.order_id, o.table_name, o.column_name, o.is_amount, o.line_no, o.field, o.reason, o.raw)
        IS NOT DISTINCT FROM row(n.kind, n.order_id, n.table_name, n.column_name, n.is_amount, n.line_no, n.field, n.reason, n.raw)
    GROUP BY ALL
)
SELECT NULL::BIGINT AS _row, n.*, true AS is_new
FROM new_exceptions n
WHERE NOT EXISTS (
    SELECT 1 FROM seen s
    WHERE s.stream = n.stream AND s.record_key = n.record_key
      AND row(s.kind, s.field, s.reason, s.raw, s.table_name, s.column_name)
      IS NOT DISTINCT FROM row(n.kind, n.field, n.reason, n.raw, n.table_name, n.column_name))
UNION ALL BY NAME
SELECT o.*, true AS is_new FROM old_exceptions o WHERE o._row IN (SELECT _row FROM seen)
UNION ALL BY NAME
SELECT o.*, false AS is_new
FROM old_exceptions o
WHERE o._row NOT IN (SELECT _row FROM seen)
  AND NOT EXISTS (SELECT 1 FROM read_again r WHERE r.stream = o.stream AND r.record_key = o.record_key)
  AND NOT EXISTS (
    SELECT 1 FROM answered_columns a
    WHERE a.order_id = o.order_id AND a.table_name = o.table_name AND a.column_name = o.column_name AND a.stream <> o.stream)
  AND NOT (o.column_name IS NULL AND EXISTS (SELECT 1 FROM answered_wholly a WHERE a.order_id = o.order_id AND a.stream = o.stream))
  AND o._row NOT IN (FROM shown_again);
