-- The breaks of a period, from $1 to $2, that are open or explained.
SELECT severity, count(*)
FROM recon.breaks
WHERE status IN ('open', 'explained') AND business_date BETWEEN $1::VARCHAR::DATE AND $2::VARCHAR::DATE
GROUP BY severity
