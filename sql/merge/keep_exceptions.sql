-- Makes audit.exceptions what it ought to be (exceptions.sql). Of records that
-- are in no order of the books, nothing tells that one came back well; so they
-- stand until the time in which they were read has been read once more, to its
-- end. Orders that are deleted keep nothing. Orders of which something else
-- stands than before wait for the checks.
CREATE OR REPLACE TEMP TABLE read_spans AS
WITH complete AS (
    SELECT stream, coalesce(filter, '') AS filter, coalesce(window_start, '-infinity') AS span_start, coalesce(window_end, 'infinity') AS span_end
    FROM audit.extracts
    WHERE run_id = getvariable('run_id') AND source = getvariable('source') AND account = getvariable('account') AND state = 'complete' AND pages > 0
),
apart AS ( -- a window that does not touch those before it begins a new span
    SELECT *, coalesce(span_start > max(span_end) OVER (
        PARTITION BY stream, filter ORDER BY span_start, span_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS is_apart
    FROM complete
),
numbered AS (
    SELECT *, count(*) FILTER (WHERE is_apart) OVER (PARTITION BY stream, filter ORDER BY span_start, span_end) AS span_no
    FROM apart
)
SELECT stream, filter, min(span_start) AS span_start, max(span_end) AS span_end
FROM numbered
GROUP BY stream, filter, span_no;

CREATE OR REPLACE TEMP TABLE kept_exceptions AS
SELECT c.*
FROM cand_exceptions c
LEFT JOIN main.orders o ON o.source = c.source AND o.account = c.account AND o.order_id = c.order_id
WHERE o.deleted_at IS NULL
  AND (c.is_new OR o.order_id IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM read_spans s
    WHERE s.stream = c.stream AND s.filter = coalesce(c.filter, '')
      AND coalesce(c.window_start, '-infinity') >= s.span_start AND coalesce(c.window_end, 'infinity') <= s.span_end));

INSERT INTO recon.changed
SELECT DISTINCT source, account, coalesce(order_id, landing_ref)
FROM (
    SELECT source, account, order_id, landing_ref FROM old_exceptions WHERE _row NOT IN (SELECT _row FROM kept_exceptions WHERE _row IS NOT NULL)
    UNION ALL
    SELECT source, account, order_id, landing_ref FROM kept_exceptions WHERE _row IS NULL
);

DELETE FROM audit.exceptions
WHERE source = getvariable('source') AND account = getvariable('account')
  AND rowid NOT IN (SELECT _row FROM kept_exceptions WHERE _row IS NOT NULL);

INSERT INTO audit.exceptions BY NAME
SELECT * EXCLUDE (_row, is_new) FROM kept_exceptions WHERE _row IS NULL;
