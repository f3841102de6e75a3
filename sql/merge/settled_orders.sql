-- The numbers of the orders of an account that are not asked for again, their
-- own and those by which other systems know them: they are final, and all that
-- was asked of them was shown, or older than refresh_open, created before $1.
SELECT number FROM (
    SELECT unnest([o.order_id, o.link_ref]) AS number
    FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account')
      AND (o.created_at < $1 OR ({{.Final}}) AND NOT EXISTS (
        SELECT 1 FROM audit.exceptions e
        WHERE e.source = o.source AND e.account = o.account AND e.ask_again AND e.order_id IN (o.order_id, o.link_ref)))
)
WHERE number <> ''
