-- The run that checks, and the zone in which its sentences state an instant.
CREATE OR REPLACE TEMP TABLE recon_run AS
SELECT $1::VARCHAR AS run_id, $2::TIMESTAMPTZ AS recorded_at, $3::VARCHAR AS zone
