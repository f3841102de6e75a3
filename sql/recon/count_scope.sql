SELECT count(*) FROM scope
