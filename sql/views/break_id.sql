-- What a break is known by: its rule, what is compared with what, and for checks
-- that have it the fact "field". An account that is renamed gives its breaks new
-- ids.
CREATE OR REPLACE MACRO recon.break_id(rule, source, account, order_id, line_no, right_source, right_account, right_order_id, field) AS
    sha256(concat_ws(chr(31), rule, coalesce(source, ''), coalesce(account, ''), coalesce(order_id, ''), coalesce(line_no::VARCHAR, ''),
        coalesce(right_source, ''), coalesce(right_account, ''), coalesce(right_order_id, ''), field));
