-- By the id that a break had while an account of it had another name, the id
-- that it has. $1, $2 and $3 are sources, earlier names of accounts there, and
-- their names.
WITH renamed AS (
    SELECT unnest($1::VARCHAR[]) AS source, unnest($2::VARCHAR[]) AS earlier, unnest($3::VARCHAR[]) AS name
),
sides AS (
    SELECT b.*, unnest(list_append((SELECT list(earlier) FROM renamed r WHERE r.source = b.source AND r.name = b.account), b.account)) AS left_name
    FROM recon.breaks b
),
both_sides AS (
    SELECT s.*, unnest(list_append((SELECT list(earlier) FROM renamed r WHERE r.source = s.right_source AND r.name = s.right_account), s.right_account)) AS right_name
    FROM sides s
)
SELECT recon.break_id(rule, source, left_name, order_id, line_no, right_source, right_name, right_order_id, facts->>'$.field'), break_id
FROM both_sides
WHERE left_name IS DISTINCT FROM account OR right_name IS DISTINCT FROM right_account
