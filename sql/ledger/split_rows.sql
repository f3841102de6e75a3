-- The versions of the orders that stand under both names get the new one. What
-- the checks found within their tolerances is found anew; what was missing is
-- not missing.
UPDATE audit.order_versions SET account = getvariable('account')
WHERE source = getvariable('source') AND account = getvariable('earlier') AND order_id IN (SELECT order_id FROM renamed_twice);

DELETE FROM recon.small_differences
WHERE source = getvariable('source') AND account = getvariable('earlier') AND order_id IN (SELECT order_id FROM renamed_twice);

DELETE FROM audit.absences
WHERE source = getvariable('source') AND account = getvariable('earlier') AND order_id IN (SELECT order_id FROM renamed_twice);
