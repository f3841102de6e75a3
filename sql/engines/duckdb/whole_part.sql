-- macro: whole_part(n, d)
-- gives: whole number, of n / d without its fraction; n is not negative, d above 0
n // d
