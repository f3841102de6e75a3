-- Where the checks of a run begin, in the temporary table scope: the orders
-- that changed since the last check, those of which a break comes and goes with
-- the clock ($1 are the rules that read it), and the other side of every break of
-- one of them that holds. Where something changed in the rooms of a place, it may
-- have been in any of them before: then every break of the rules that look into
-- rooms ($2) is looked at. No other break can have changed. hop counts the steps
-- from there; see scope_hop.sql.
CREATE OR REPLACE TEMP TABLE scope AS
WITH held AS (
    SELECT rule, source, account, order_id, right_source, right_account, right_order_id
    FROM recon.breaks
    WHERE status <> 'resolved'
),
begun AS (
    SELECT source, account, order_id FROM recon.changed
    UNION
    SELECT source, account, order_id FROM held WHERE list_contains($1::VARCHAR[], rule) AND order_id IS NOT NULL
    UNION
    SELECT source, account, order_id FROM held
    WHERE list_contains($2::VARCHAR[], rule) AND order_id IS NOT NULL
      AND EXISTS (FROM recon.changed c JOIN recon.places p ON p.source = c.source AND p.account = c.account)
)
SELECT *, 0 AS hop FROM begun
UNION
SELECT h.source, h.account, h.order_id, 0
FROM held h
SEMI JOIN begun b ON b.source = h.right_source AND b.account = h.right_account AND b.order_id = h.right_order_id
WHERE h.order_id IS NOT NULL
UNION
SELECT h.right_source, h.right_account, h.right_order_id, 0
FROM held h
SEMI JOIN begun b ON b.source = h.source AND b.account = h.account AND b.order_id = h.order_id
WHERE h.right_order_id IS NOT NULL
