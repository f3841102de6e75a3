-- The same as text, to be hashed.
SELECT COLUMNS(*)::VARCHAR FROM (
{{template "ledger/close_figures" .}}
)
