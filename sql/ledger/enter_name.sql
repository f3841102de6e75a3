-- Enters the name ($4) of an account, a store or a channel: kind $1, source $2,
-- which is empty but for accounts, and code $3.
INSERT INTO audit.names (kind, source, code, name) VALUES ($1, nullif($2::VARCHAR, ''), $3, $4)
