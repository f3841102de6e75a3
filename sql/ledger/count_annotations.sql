SELECT count(*) FROM recon.annotations WHERE entry_id = $1
