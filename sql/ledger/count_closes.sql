SELECT count(*) FROM audit.closes WHERE period = $1
