-- Accounts that are not among those of the configuration, $1 as source/account.
UPDATE audit.accounts SET is_configured = false
WHERE is_configured AND NOT list_contains($1::VARCHAR[], source || '/' || account)
