SELECT entry_id, period, date_from::VARCHAR, date_to::VARCHAR, closed_at, coalesce(closed_by, ''), coalesce(run_id, ''),
    coalesce(comment, ''), coalesce(missing, ''), coalesce(figures_sha256, ''), coalesce(reason, '')
FROM audit.closed_periods
ORDER BY closed_at, period
