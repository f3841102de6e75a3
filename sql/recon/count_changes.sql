-- How many breaks are new, were resolved and come back, and hold no longer.
SELECT
    count(*) FILTER (b.break_id IS NULL),
    count(*) FILTER (b.status = 'resolved'),
    (SELECT count(*) FROM recon.breaks b WHERE {{template "recon/no_longer" .}})
FROM recon_found f LEFT JOIN recon.breaks b USING (break_id)
