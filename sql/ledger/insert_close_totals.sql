-- The figures with which a period ($4) is closed by an entry ($5).
INSERT INTO audit.close_totals BY NAME
SELECT $4 AS period, $5 AS entry_id, f.* FROM (
{{template "ledger/close_figures" .}}
) f
