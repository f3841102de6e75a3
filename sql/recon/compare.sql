-- Runs one check and keeps what does not agree (recon_compared), be it within
-- the tolerance or beyond. Where the check is scoped, only what is said of the
-- orders of scope_asked is kept. Amounts are compared as DECIMAL(38,4), which
-- holds any product or sum of amounts. A check need not have every column that
-- means something here: the empty relation beside it has.
CREATE OR REPLACE TEMP TABLE recon_compared AS
WITH compared AS (
    SELECT * FROM (
{{.Body}}
    ){{if .Scoped}} SEMI JOIN scope_asked USING (source, account, order_id){{end}}
)
SELECT c.*,
    c.expected::DECIMAL(38,4) AS _expected,
    c.actual::DECIMAL(38,4) AS _actual,
    c.reason::VARCHAR AS _reason,
    c.cutoff_date::DATE AS _cutoff_date,
    c.changed_at::TIMESTAMPTZ AS _changed_at,
    coalesce(abs(_actual - _expected) <= {{.Tolerance}}::DECIMAL(38,4), false) AS _is_within
FROM (
    FROM compared
    UNION ALL BY NAME
    SELECT NULL::VARCHAR AS reason, NULL::DATE AS cutoff_date, NULL::TIMESTAMPTZ AS changed_at WHERE false
) c
WHERE CASE
    WHEN c.expected IS NULL AND c.actual IS NULL THEN _reason IS NOT NULL
    ELSE _expected IS DISTINCT FROM _actual
END
