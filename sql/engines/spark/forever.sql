-- macro: forever()
-- gives: instant later than any other
TIMESTAMP '9999-12-31 00:00:00'
