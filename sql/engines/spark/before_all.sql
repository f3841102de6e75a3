-- macro: before_all()
-- gives: instant earlier than any other
TIMESTAMP '0001-01-01 00:00:00'
