-- macro: is_split(main_a, number_a, main_b, number_b)
-- gives: BOOLEAN, whether two orders are parts of one: they name the same main order, or one is
--   the main order of the other (SOMS interface document, 2.29)
coalesce(main_a = main_b, false)
OR coalesce(main_a IS NULL AND main_b = number_a, false)
OR coalesce(main_b IS NULL AND main_a = number_b, false)
