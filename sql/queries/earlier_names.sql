-- The names that accounts had before, each with the name that it became.
SELECT DISTINCT source, value_before AS earlier, value_after AS name
FROM audit.basis_changes
WHERE setting = 'account' AND value_before IS NOT NULL AND value_after IS NOT NULL
ORDER BY ALL
