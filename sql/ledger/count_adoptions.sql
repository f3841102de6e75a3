SELECT count(*) FROM audit.adoptions WHERE entry_id = $1
