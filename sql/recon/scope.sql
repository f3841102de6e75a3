-- Where the checks of a run begin, in the temporary table scope: the orders
-- that changed since the last check, and both sides of every break that
-- holds. hop counts the steps from there; see scope_hop.sql.
CREATE OR REPLACE TEMP MACRO stay_end(arrival, departure) AS
    -- Without a departure a stay is taken to be of one night; three years are
    -- the most, for some systems write 9999-12-31.
    least(greatest(coalesce(departure, arrival + INTERVAL 1 DAY), arrival), arrival + INTERVAL 1096 DAY);

CREATE OR REPLACE TEMP TABLE scope AS
SELECT source, account, order_id, 0 AS hop FROM recon.changed
UNION
SELECT source, account, order_id, 0 FROM recon.breaks
WHERE status <> 'resolved' AND order_id IS NOT NULL
UNION
SELECT right_source, right_account, right_order_id, 0 FROM recon.breaks
WHERE status <> 'resolved' AND right_order_id IS NOT NULL;
