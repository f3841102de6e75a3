-- The rows of one table as they ought to stand under other settings: those of
-- the database "restated", into which the account's landed answers were loaded
-- once more. That an order is gone was proven at its time and stays as it is.
CREATE OR REPLACE TEMP TABLE {{cand .Table}} AS
SELECT n.* EXCLUDE (run_id){{if .SoftDelete}} REPLACE (CASE WHEN t.source IS NULL THEN n.deleted_at ELSE t.deleted_at END AS deleted_at){{end}}
FROM restated.main.{{.Table}} n
{{- if .SoftDelete}}
LEFT JOIN main.{{.Table}} t ON t.source = n.source AND t.account = n.account AND {{equal "t" "n" .Keys}}
{{- end}}
WHERE n.source = getvariable('source') AND n.account = getvariable('account');
