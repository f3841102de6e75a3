-- The temporary table scope of one order: it, and the other side of every break that it
-- has or had.
CREATE OR REPLACE TEMP TABLE scope AS
SELECT $1::VARCHAR AS source, $2::VARCHAR AS account, $3::VARCHAR AS order_id, 0 AS hop
UNION
SELECT right_source, right_account, right_order_id, 0
FROM recon.breaks
WHERE source = $1 AND account = $2 AND order_id = $3 AND right_order_id IS NOT NULL
UNION
SELECT source, account, order_id, 0
FROM recon.breaks
WHERE right_source = $1 AND right_account = $2 AND right_order_id = $3 AND order_id IS NOT NULL
