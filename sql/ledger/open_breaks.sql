-- The breaks of the book from $1 to $2 that finance has not accepted, by
-- section, severity and status, and those of later dates (section later).
-- Without dates the book is that of the last business date that is over.
WITH book AS (
    SELECT coalesce($1::VARCHAR::DATE, c.business_date) AS date_from, coalesce($2::VARCHAR::DATE, c.business_date) AS date_to
    FROM audit.last_complete c
)
SELECT section, severity, status, count(*)
FROM recon.book_breaks((SELECT date_from FROM book), (SELECT date_to FROM book))
WHERE status IN ('open', 'explained')
GROUP BY ALL
UNION ALL
SELECT 'later', severity, status, count(*)
FROM recon.breaks
WHERE status IN ('open', 'explained') AND business_date > (SELECT date_to FROM book)
GROUP BY ALL
