-- Where the rows that are kept begin.
SELECT coalesce(min(rowid), 0) FROM temp.nightaudit_kept
