-- The losses that replays accepted, as they were entered.
SELECT entry_id, accepted_at, coalesce(accepted_by, ''), coalesce(run_id, ''), coalesce(source, ''), coalesce(account, ''),
    coalesce(lost_entry_id, ''), what, coalesce(date_from::VARCHAR, ''), coalesce(date_to::VARCHAR, '')
FROM audit.losses
ORDER BY accepted_at, entry_id
