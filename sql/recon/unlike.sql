-- Where the breaks that were found (recon_found) are not those that the night kept: new,
-- gone, or other in a figure, its currency, the severity or the reason. It stays in this
-- database, and is no table of the schema.
CREATE TABLE recon.unlike AS
SELECT coalesce(f.break_id, b.break_id) AS break_id,
    CASE WHEN b.break_id IS NULL THEN 'new' WHEN f.break_id IS NULL THEN 'gone' ELSE 'other' END AS unlike
FROM recon_found f
FULL JOIN (SELECT * FROM recon.breaks WHERE status <> 'resolved') b USING (break_id)
WHERE b.break_id IS NULL OR f.break_id IS NULL
    OR (f.expected, f.actual, f.currency, f.severity, f.reason) IS DISTINCT FROM (b.expected, b.actual, b.currency, b.severity, b.reason)
