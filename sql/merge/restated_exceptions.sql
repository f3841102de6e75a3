-- What the account's answers could not give is what they could not give under the
-- new settings.
DELETE FROM audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account');

INSERT INTO audit.exceptions BY NAME
SELECT * FROM restated.audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account');
