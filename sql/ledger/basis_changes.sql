-- The settings that a run ($1) has carried out over rows that were there.
SELECT source, account, setting, coalesce(value_before, ''), coalesce(value_after, ''), orders_moved, coalesce(closed_periods, '')
FROM audit.basis_changes
WHERE run_id = $1
ORDER BY ALL
