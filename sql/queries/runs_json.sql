-- The ledger of runs for programs, as audit.runs, audit.closes, audit.reopens and
-- audit.losses have it, the newest first.
SELECT
    1 AS version,
    coalesce((SELECT list(r ORDER BY r.started_at DESC, r.run_id DESC) FROM audit.runs r), []) AS runs,
    coalesce((SELECT list(c ORDER BY c.closed_at DESC, c.period DESC) FROM audit.closes c), []) AS closes,
    coalesce((SELECT list(o ORDER BY o.reopened_at DESC, o.period DESC) FROM audit.reopens o), []) AS reopens,
    coalesce((SELECT list(l ORDER BY l.accepted_at DESC, l.entry_id) FROM audit.losses l), []) AS losses
