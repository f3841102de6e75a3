-- The mark by which the workbook knows what was changed in it; see
-- engines/common/break_mark.sql.
CREATE OR REPLACE MACRO recon.break_mark(status, owner, comment, expected, actual, difference, currency) AS
    break_mark(status, owner, comment, expected, actual, difference, currency);
