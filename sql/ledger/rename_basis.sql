-- Where the account is known by its name, what its earlier name rests on goes.
DELETE FROM audit.accounts
WHERE source = getvariable('source') AND account = getvariable('earlier')
    AND EXISTS (FROM audit.accounts n WHERE n.source = getvariable('source') AND n.account = getvariable('account'))
