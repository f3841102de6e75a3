-- macro: before_all()
-- gives: instant earlier than any other
CAST('-infinity' AS TIMESTAMPTZ)
