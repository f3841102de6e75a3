-- The closes, newest first, with who opened the month again, when and why.
SELECT
    c.period AS month,
    date_trunc('second', c.closed_at) AS closed_at,
    c.closed_by,
    c.reason AS forced,
    date_trunc('second', o.reopened_at) AS reopened_at,
    o.reopened_by,
    o.reason AS reopened_for
FROM audit.closes c
LEFT JOIN audit.reopens o ON o.close_entry_id = c.entry_id
ORDER BY c.closed_at DESC, c.period DESC
