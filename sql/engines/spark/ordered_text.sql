-- macro: ordered_text(x, separator, keys…)
-- gives: STRING, an aggregate: the texts that are not null, put together in the order of the keys
string_agg(x, separator) WITHIN GROUP (ORDER BY keys)
