-- macro: first_texts(x, n, separator, keys…)
-- gives: STRING, an aggregate: the first n texts in the order of the keys, put together. A key is
--   a value that is never null, without a word on its order
array_to_string(list(x ORDER BY keys)[:n], separator)
