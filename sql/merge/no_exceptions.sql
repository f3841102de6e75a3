-- There are none, and this run's answers leave none: see exceptions.sql.
CREATE OR REPLACE TEMP TABLE cand_exceptions AS
SELECT rowid AS _row, *, false AS is_new FROM audit.exceptions LIMIT 0
