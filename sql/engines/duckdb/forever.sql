-- macro: forever()
-- gives: instant later than any other
CAST('infinity' AS TIMESTAMPTZ)
