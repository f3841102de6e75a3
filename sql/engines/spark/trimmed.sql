-- macro: trimmed(x)
-- gives: STRING without the spaces at either end, those of other scripts among them
regexp_replace(x, r'^\p{Zs}+|\p{Zs}+$', '')
