-- The orders of which a check keeps what it finds. Of the outer ones their own
-- counterparts may not be in sight.
CREATE OR REPLACE TEMP TABLE scope_asked AS
SELECT source, account, order_id FROM scope
WHERE hop <= 1 OR hop = 2 AND (source, account) IN (SELECT (source, account) FROM recon.places)
