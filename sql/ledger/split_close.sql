-- The figures of the two accounts that were closed by the entry $1 make room for
-- those of split_figures.
DELETE FROM audit.close_totals
WHERE entry_id = $1 AND source = getvariable('source') AND account IN (getvariable('earlier'), getvariable('account'))
