-- Keeps the rows of a statement where they can be spilled, in their sequence. A
-- template, see reports/result.
CREATE OR REPLACE TEMP TABLE nightaudit_kept AS
{{.}}
