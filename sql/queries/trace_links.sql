-- The orders that were matched to one, from whichever side, with what they
-- are now.
SELECT l.rule, l.certainty, l.source, l.account, l.order_id, l.stay_id, o.kind, o.status, o.business_date, o.net_amount, o.currency
FROM (
    SELECT rule, certainty, right_source AS source, right_account AS account, right_order_id AS order_id, right_stay_id AS stay_id
    FROM recon.links WHERE source = $1 AND account = $2 AND order_id = $3
    UNION ALL
    SELECT rule, certainty, source, account, order_id, stay_id
    FROM recon.links WHERE right_source = $1 AND right_account = $2 AND right_order_id = $3
) l
LEFT JOIN main.orders o USING (source, account, order_id)
WHERE l.order_id IS NOT NULL
ORDER BY ALL
