-- What people added.
SELECT entry_id FROM audit.closes
UNION SELECT entry_id FROM audit.reopens
UNION SELECT entry_id FROM recon.annotations
UNION SELECT entry_id FROM recon.workbooks
UNION SELECT entry_id FROM audit.clock_corrections
