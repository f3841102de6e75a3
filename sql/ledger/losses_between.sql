-- What of the business dates from $1 to $2 a replay could not make again and no later
-- reading has made good.
SELECT what
FROM audit.losses l
WHERE coalesce(l.date_from, $2::DATE) <= $2::DATE AND coalesce(l.date_to, $1::DATE) >= $1::DATE
    AND (l.lost_entry_id IS NOT NULL OR EXISTS (
        FROM audit.coverage($1::DATE, $2::DATE, 'infinity'::TIMESTAMPTZ) c
        WHERE c.state = 'unreconciled' AND coalesce(l.source, c.source) = c.source AND coalesce(l.account, c.account) = c.account
    ))
ORDER BY l.accepted_at, l.entry_id
