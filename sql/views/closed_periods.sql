-- The months that are closed now: the closes that stand, without those that were
-- reopened.
CREATE OR REPLACE VIEW audit.closed_periods AS
SELECT *
FROM audit.closes c
WHERE NOT EXISTS (FROM audit.reopens r WHERE r.close_entry_id = c.entry_id);
