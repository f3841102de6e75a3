-- macro: first_texts(x, n, separator, keys…)
-- gives: STRING, an aggregate: the first n texts in the order of the keys, put together. A key is
--   a value that is never null, without a word on its order
array_join(slice(transform(array_sort(collect_list(struct(keys, x AS na_text))), e -> e.na_text), 1, n), separator)
