-- Keeps what people said about one break ($2), with what stood there before and
-- the break's amounts at this moment. What is said is the status $8, the owner
-- $9 and the comment $10: a field of which nothing is said is null and stays as
-- it is, an empty one is taken out.
INSERT INTO recon.annotations BY NAME
SELECT
    $1 AS entry_id,
    $2 AS break_id,
    $3::TIMESTAMPTZ AS annotated_at,
    nullif($4, '') AS author,
    nullif($5, '') AS taken_by,
    nullif($6, '') AS workbook,
    $7::TIMESTAMPTZ AS saved_at,
    b.status AS status_before,
    coalesce($8::VARCHAR, b.status) AS status,
    b.owner AS owner_before,
    CASE WHEN $9::VARCHAR IS NULL THEN b.owner ELSE nullif($9::VARCHAR, '') END AS owner,
    b.comment AS comment_before,
    CASE WHEN $10::VARCHAR IS NULL THEN b.comment ELSE nullif($10::VARCHAR, '') END AS comment,
    $11::BOOLEAN AS overrode,
    b.expected, b.actual, b.difference, b.currency
FROM (SELECT 1) one
LEFT JOIN recon.breaks b ON b.break_id = $2
