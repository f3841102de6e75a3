SELECT count(*) FROM audit.clock_corrections WHERE entry_id = $1
