-- Breaks get the ids that they have under the account's new name, and what
-- people wrote follows. A break that was found under both names is one: what
-- people wrote under the earlier name stands where nobody wrote under the new.
-- Where only a part of the account gets it (Part), the breaks of the orders in
-- renamed_twice are meant.
CREATE OR REPLACE TEMP TABLE renamed_breaks AS
WITH named AS (
    SELECT *,
        CASE WHEN {{template "ledger/renamed_left" .}} THEN getvariable('account') ELSE account END AS new_account,
        CASE WHEN {{template "ledger/renamed_right" .}} THEN getvariable('account') ELSE right_account END AS new_right
    FROM recon.breaks
    WHERE {{template "ledger/renamed_left" .}} OR {{template "ledger/renamed_right" .}}
)
SELECT break_id AS earlier_id, new_account, new_right,
    recon.break_id(rule, source, new_account, order_id, line_no, right_source, new_right, right_order_id, facts->>'$.field') AS new_id
FROM named;

UPDATE recon.breaks n SET
    first_seen = least(n.first_seen, o.first_seen),
    status = CASE WHEN n.status = 'open' AND n.owner IS NULL AND n.comment IS NULL AND o.status IN ('explained', 'accepted') THEN o.status ELSE n.status END,
    owner = coalesce(n.owner, o.owner),
    comment = coalesce(n.comment, o.comment)
FROM renamed_breaks r
JOIN recon.breaks o ON o.break_id = r.earlier_id
WHERE n.break_id = r.new_id;

DELETE FROM recon.breaks
WHERE break_id IN (SELECT earlier_id FROM renamed_breaks WHERE new_id IN (SELECT break_id FROM recon.breaks));

UPDATE recon.breaks b SET break_id = r.new_id, account = r.new_account, right_account = r.new_right FROM renamed_breaks r WHERE b.break_id = r.earlier_id;

UPDATE recon.annotations a SET break_id = r.new_id FROM renamed_breaks r WHERE a.break_id = r.earlier_id;
{{- define "ledger/renamed_left"}}source = getvariable('source') AND account = getvariable('earlier'){{if .Part}} AND order_id IN (SELECT order_id FROM renamed_twice){{end}}{{end}}
{{- define "ledger/renamed_right"}}right_source = getvariable('source') AND right_account = getvariable('earlier'){{if .Part}} AND right_order_id IN (SELECT order_id FROM renamed_twice){{end}}{{end}}
