-- macro: microseconds(instant)
-- gives: BIGINT, of an instant since 1970: what two of them are apart
unix_micros(instant)
