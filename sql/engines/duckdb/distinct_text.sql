-- macro: distinct_text(x, separator)
-- gives: STRING, an aggregate: the different texts that are not null, put together in their order
string_agg(DISTINCT x, separator ORDER BY x)
