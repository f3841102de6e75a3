-- What of a break people can write, and its amounts, as a mark of four parts
-- of eight characters: status, owner, comment, amounts. The workbook carries
-- the mark in a hidden column, so that what was changed in the workbook can be
-- told from what has changed in the database since.
CREATE OR REPLACE MACRO recon.break_mark(status, owner, comment, expected, actual, difference, currency) AS
    left(md5(coalesce(status, '')), 8)
    || left(md5(coalesce(owner, '')), 8)
    || left(md5(coalesce(comment, '')), 8)
    || left(md5(concat_ws(' ', coalesce(expected::VARCHAR, '-'), coalesce(actual::VARCHAR, '-'), coalesce(difference::VARCHAR, '-'), coalesce(currency, '-'))), 8);
