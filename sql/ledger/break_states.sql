-- The breaks, as far as people write them or must see them.
SELECT b.break_id, b.rule, coalesce(b.source, ''), coalesce(b.account, ''), coalesce(b.order_id, ''), coalesce(b.line_no, 0),
    b.status, coalesce(b.owner, ''), coalesce(b.comment, ''), b.resolved_at, concat_ws(' ', b.difference::VARCHAR, b.currency),
    recon.break_mark(b.status, b.owner, b.comment, b.expected, b.actual, b.difference, b.currency),
    coalesce(b.expected::VARCHAR, ''), coalesce(b.actual::VARCHAR, ''), coalesce(r.title_en, ''), coalesce(r.title_zh, '')
FROM recon.breaks b
LEFT JOIN recon.rules r ON r.rule = b.rule
