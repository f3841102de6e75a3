-- What the database holds last, in one row: the last run and whether it came to
-- its end, the last run that did with something to show, and when people last
-- added something. Runs that failed after $1 do not count: they changed nothing.
SELECT latest.run_id, latest.started_at, latest.outcome IS NOT NULL, ended.run_id, ended.started_at, (
    SELECT max(added_at) FROM (
        SELECT max(closed_at) AS added_at FROM audit.closes
        UNION ALL SELECT max(reopened_at) FROM audit.reopens
        UNION ALL SELECT max(annotated_at) FROM recon.annotations
        UNION ALL SELECT max(taken_at) FROM recon.workbooks
        UNION ALL SELECT max(corrected_at) FROM audit.clock_corrections
    )
)
FROM (SELECT 1)
LEFT JOIN (FROM audit.runs WHERE outcome IS DISTINCT FROM 'failed' OR started_at <= $1::TIMESTAMPTZ ORDER BY started_at DESC, run_id DESC LIMIT 1) latest ON true
LEFT JOIN (FROM audit.runs WHERE outcome <> 'failed' ORDER BY started_at DESC, run_id DESC LIMIT 1) ended ON true
