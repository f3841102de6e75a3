-- Whether anything was loaded of an account, or has been tried to.
SELECT EXISTS (FROM audit.extracts WHERE source = $1 AND account = $2)
    OR EXISTS (FROM audit.accounts WHERE source = $1 AND account = $2)
    OR EXISTS (FROM main.orders WHERE source = $1 AND account = $2)
