-- How many breaks of each severity hold and are not accepted.
SELECT severity, count(*) FROM recon.breaks WHERE status IN ('open', 'explained') GROUP BY severity
