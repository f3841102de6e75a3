-- The bounds of windows that the vendor was asked for as wall times, of one time
-- zone, are other moments in another (variables zone_before and zone): the
-- cursors stand on them. Nothing is read beyond the moment of its run.
CREATE OR REPLACE TEMP MACRO moved(bound, run_at) AS
    CASE WHEN bound IS NOT NULL THEN least(timezone(getvariable('zone'), timezone(getvariable('zone_before'), bound)), run_at) END;

UPDATE audit.extracts e SET window_start = moved(e.window_start, r.started_at), window_end = moved(e.window_end, r.started_at)
FROM audit.runs r
WHERE r.run_id = e.run_id AND e.source = getvariable('source') AND e.account = getvariable('account');

UPDATE audit.extract_totals e SET window_start = moved(e.window_start, r.started_at)
FROM audit.runs r
WHERE r.run_id = e.run_id AND e.source = getvariable('source') AND e.account = getvariable('account');

DROP MACRO temp.moved;
