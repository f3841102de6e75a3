-- The figures of split_figures as closed by the entry $1.
INSERT INTO audit.close_totals BY NAME
SELECT c.period, c.entry_id, f.* FROM split_figures f JOIN audit.closes c ON c.entry_id = $1
