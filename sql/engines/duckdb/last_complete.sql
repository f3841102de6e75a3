-- macro: last_complete()
-- gives: a table of one row and one column, business_date: the last one that was over for every
--   account of the book when the latest run began: what is later may still grow. Null where no
--   account is known
SELECT audit.over_at(max(started_at)) AS business_date FROM audit.runs WHERE outcome IS DISTINCT FROM 'failed'
