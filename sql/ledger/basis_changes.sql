-- The settings that a run ($1), or where that is '' any run, has carried out over rows that
-- were there.
SELECT run_id, source, account, setting, coalesce(value_before, ''), coalesce(value_after, ''), orders_moved, coalesce(closed_periods, '')
FROM audit.basis_changes
WHERE $1 IN (run_id, '')
ORDER BY ALL
