-- How many rows of a check are broken, and how many within its tolerance.
SELECT count(*) FILTER (WHERE NOT _is_within), count(*) FILTER (WHERE _is_within) FROM recon_compared
