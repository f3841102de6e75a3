-- The breaks, as far as people write them or must see them.
SELECT break_id, rule, coalesce(source, ''), coalesce(account, ''), coalesce(order_id, ''), coalesce(line_no, 0),
    status, coalesce(owner, ''), coalesce(comment, ''), resolved_at, concat_ws(' ', difference::VARCHAR, currency),
    recon.break_mark(status, owner, comment, expected, actual, difference, currency)
FROM recon.breaks
