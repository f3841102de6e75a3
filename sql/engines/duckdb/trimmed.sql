-- macro: trimmed(x)
-- gives: STRING without the spaces at either end, those of other scripts among them
trim(x)
