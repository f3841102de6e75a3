-- What a check answers for itself, and would be silent mistakes: two rows for
-- one key, a reason that is none of $2, a severity that is none of $3.
SELECT
    (SELECT any_value(concat_ws(' ', source, account, order_id, line_no)) FROM recon_found WHERE rule = $1 GROUP BY break_id HAVING count(*) > 1 LIMIT 1),
    (SELECT any_value(reason) FROM recon_found WHERE rule = $1 AND NOT list_contains($2::VARCHAR[], reason)),
    (SELECT any_value(severity) FROM recon_found WHERE rule = $1 AND NOT list_contains($3::VARCHAR[], severity))
