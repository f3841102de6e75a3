-- What the account's answers could not give is what they cannot give under the
-- new settings. Orders of which something else stands than before wait for the
-- checks.
INSERT INTO recon.changed
SELECT DISTINCT source, account, coalesce(order_id, landing_ref) FROM (
    (SELECT * EXCLUDE (run_id) FROM audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account')
    EXCEPT
    SELECT * EXCLUDE (run_id) FROM restated.audit.exceptions)
    UNION ALL
    (SELECT * EXCLUDE (run_id) FROM restated.audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account')
    EXCEPT
    SELECT * EXCLUDE (run_id) FROM audit.exceptions)
);

DELETE FROM audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account');

INSERT INTO audit.exceptions BY NAME
SELECT * FROM restated.audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account');
