-- What people wrote about one break, in order.
SELECT annotated_at, author, taken_by, workbook, status_before, status, owner_before, owner, comment_before, comment, overrode
FROM recon.annotations
WHERE break_id = $1
ORDER BY annotated_at, entry_id
