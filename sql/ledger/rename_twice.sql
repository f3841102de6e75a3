-- The orders that stand under an account's earlier name (variable earlier) and
-- under its name: they were read under both. The earlier versions are followed
-- by those of the new name.
CREATE OR REPLACE TEMP TABLE renamed_twice AS
SELECT order_id FROM main.orders WHERE source = getvariable('source') AND account = getvariable('earlier')
INTERSECT
SELECT order_id FROM main.orders WHERE source = getvariable('source') AND account = getvariable('account');

CREATE OR REPLACE TEMP TABLE renamed_versions AS
SELECT order_id,
    max(version_no) FILTER (account = getvariable('earlier')) AS last_no,
    min(valid_from) FILTER (account = getvariable('account')) AS read_at
FROM audit.order_versions
WHERE source = getvariable('source') AND account IN (getvariable('earlier'), getvariable('account'))
    AND order_id IN (SELECT order_id FROM renamed_twice)
GROUP BY order_id;

UPDATE audit.order_versions v SET version_no = v.version_no + r.last_no
FROM renamed_versions r
WHERE v.source = getvariable('source') AND v.account = getvariable('account') AND v.order_id = r.order_id;

UPDATE audit.order_versions v SET valid_to = greatest(v.valid_from, least(coalesce(v.valid_to, r.read_at), r.read_at))
FROM renamed_versions r
WHERE v.source = getvariable('source') AND v.account = getvariable('earlier') AND v.order_id = r.order_id;

DELETE FROM audit.exceptions
WHERE source = getvariable('source') AND account = getvariable('earlier') AND order_id IN (SELECT order_id FROM renamed_twice);

DELETE FROM recon.links
WHERE source = getvariable('source') AND account = getvariable('earlier') AND order_id IN (SELECT order_id FROM renamed_twice)
    OR right_source = getvariable('source') AND right_account = getvariable('earlier') AND right_order_id IN (SELECT order_id FROM renamed_twice);

INSERT INTO recon.changed
SELECT getvariable('source'), getvariable('account'), order_id FROM renamed_twice;
