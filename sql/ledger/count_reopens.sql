SELECT count(*) FROM audit.reopens WHERE entry_id = $1
