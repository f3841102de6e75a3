-- The numbers of the orders of an account that are not asked for again, their
-- own and those by which other systems know them: they are final, or older than
-- refresh_open, created before $1.
SELECT number FROM (
    SELECT unnest([o.order_id, o.link_ref]) AS number
    FROM main.orders o
    WHERE o.source = getvariable('source') AND o.account = getvariable('account')
      AND (({{.Final}}) OR o.created_at < $1)
)
WHERE number <> ''
