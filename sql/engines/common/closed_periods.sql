-- macro: closed_periods()
-- gives: a table: the months that are closed now, which are the closes of audit.closes that
--   stand, without those that were reopened
SELECT *
FROM audit.closes c
WHERE NOT EXISTS (SELECT 1 FROM audit.reopens r WHERE r.close_entry_id = c.entry_id)
