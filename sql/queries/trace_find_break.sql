-- The breaks that an id, or how it begins, may mean.
SELECT break_id, rule, source, account, order_id, right_source, right_account, right_order_id, business_date
FROM recon.breaks
WHERE (break_id = $1 OR (length($1) >= 8 AND starts_with(break_id, $1)))
    AND ($2 = '' OR source = $2 OR right_source = $2) AND ($3 = '' OR account = $3 OR right_account = $3)
ORDER BY break_id
