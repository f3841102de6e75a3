-- macro: break_mark(status, owner, comment, expected, actual, difference, currency)
-- gives: STRING, what of a break people can write, and its amounts, as a mark of four parts of
--   eight characters: status, owner, comment, amounts. The workbook carries the mark in a
--   hidden column, so that what was changed in the workbook can be told from what has changed
--   in the database since
left(md5(coalesce(status, '')), 8)
|| left(md5(coalesce(owner, '')), 8)
|| left(md5(coalesce(comment, '')), 8)
|| left(md5(concat_ws(' ', coalesce(expected::STRING, '-'), coalesce(actual::STRING, '-'), coalesce(difference::STRING, '-'), coalesce(currency, '-'))), 8)
