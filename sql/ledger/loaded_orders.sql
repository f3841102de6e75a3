-- The orders of an account ($2, $3), those that a run ($1) wrote last, and what
-- it refused and doubted.
SELECT
    (SELECT count(*) FROM main.orders WHERE source = $2 AND account = $3),
    (SELECT count(*) FROM main.orders WHERE source = $2 AND account = $3 AND run_id = $1),
    coalesce((SELECT rejected FROM audit.refused WHERE source = $2 AND account = $3 AND run_id = $1), 0),
    coalesce((SELECT doubted FROM audit.refused WHERE source = $2 AND account = $3 AND run_id = $1), 0)
