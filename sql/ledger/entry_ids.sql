-- What people added.
SELECT entry_id FROM audit.closes
UNION SELECT entry_id FROM audit.reopens
UNION SELECT entry_id FROM recon.annotations
UNION SELECT entry_id FROM recon.workbooks
UNION SELECT entry_id FROM audit.clock_corrections
UNION SELECT entry_id FROM audit.adoptions
-- and what became of the names and places of accounts, see load.AccountChange.
UNION SELECT concat_ws('/', setting, run_id, source, account, value_before) FROM audit.basis_changes
WHERE setting IN ('account', 'split_from', 'base_url', 'tenant')
