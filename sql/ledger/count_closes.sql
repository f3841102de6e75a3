SELECT count(*) FROM audit.closed_periods WHERE period = $1
