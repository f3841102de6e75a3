SELECT (SELECT count(*) FROM recon.workbooks WHERE entry_id = $1), (SELECT count(*) FROM recon.annotations WHERE entry_id = $1)
