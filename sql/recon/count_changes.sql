-- How many breaks are new, were resolved and come back, and hold no longer.
SELECT
    count(*) FILTER (b.break_id IS NULL),
    count(*) FILTER (b.status = 'resolved'),
    (SELECT count(*) FROM recon.breaks o WHERE o.status <> 'resolved'
        AND NOT EXISTS (SELECT 1 FROM recon_found n WHERE n.break_id = o.break_id))
FROM recon_found f LEFT JOIN recon.breaks b USING (break_id)
