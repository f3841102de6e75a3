-- macro: last_by(x, key)
-- gives: the x of the greatest key, an aggregate; where x or the key is null the row does not
--   count. In a key of several parts none may be null
max_by(x, CASE WHEN x IS NOT NULL THEN key END)
