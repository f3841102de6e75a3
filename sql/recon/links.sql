-- The matches of this check, see keep_links.sql.
CREATE OR REPLACE TEMP TABLE links AS SELECT * EXCLUDE (run_id) FROM recon.links LIMIT 0
