-- One run for programs: its rows of audit.runs, audit.extracts, audit.extract_totals,
-- audit.stages, audit.rejects and audit.findings.
SELECT
    1 AS version,
    (SELECT r FROM audit.runs r WHERE run_id = $1) AS run,
    coalesce((SELECT list(e ORDER BY e.source, e.account, e.stream, e.window_start NULLS FIRST, e.filter) FROM audit.extracts e WHERE run_id = $1), []) AS extracts,
    coalesce((SELECT list(t ORDER BY t.source, t.account, t.stream, t.window_start NULLS FIRST, t.table_name, t.column_name, t.currency) FROM audit.extract_totals t WHERE run_id = $1), []) AS totals,
    coalesce((SELECT list(s ORDER BY s.source NULLS FIRST, s.account, s.seconds DESC, s.stage) FROM audit.stages s WHERE run_id = $1), []) AS stages,
    coalesce((SELECT list(f ORDER BY f.source, f.account, f.landing_ref, f.field) FROM audit.rejects f WHERE run_id = $1), []) AS rejects,
    coalesce((SELECT list(f ORDER BY f.source, f.account, f.landing_ref, f.field) FROM audit.findings f WHERE run_id = $1), []) AS findings
