-- The figures with which a period ($4) is closed.
INSERT INTO audit.close_totals BY NAME
SELECT $4 AS period, f.* FROM (
{{template "ledger/close_figures" .}}
) f
