-- How the orders that were answered ended, each counted once, and how many
-- records were refused or doubted.
SELECT
    count(*),
    count(*) FILTER (WHERE c.change = 'inserted'),
    count(*) FILTER (WHERE c.change = 'updated'),
    count(*) FILTER (WHERE c.change IS NULL),
    coalesce((SELECT rejected FROM audit.refused
        WHERE run_id = getvariable('run_id') AND source = getvariable('source') AND account = getvariable('account')), 0),
    coalesce((SELECT doubted FROM audit.refused
        WHERE run_id = getvariable('run_id') AND source = getvariable('source') AND account = getvariable('account')), 0)
FROM touched_orders t
JOIN cand_orders o ON o.order_id = t.order_id
LEFT JOIN changed_orders c ON c.order_id = t.order_id
