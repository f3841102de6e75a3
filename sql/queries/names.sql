-- What people call accounts (as source/account), stores and channels.
SELECT kind, CASE WHEN kind = 'account' THEN source || '/' || code ELSE code END AS code, name
FROM audit.names
ORDER BY kind, source, code
