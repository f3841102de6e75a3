-- The run that checks, the zone in which its sentences state an instant, and the
-- rules that are not of orders: they are run every time.
CREATE OR REPLACE TEMP TABLE recon_run AS
SELECT $1::VARCHAR AS run_id, $2::TIMESTAMPTZ AS recorded_at, $3::VARCHAR AS zone, $4::VARCHAR[] AS of_everything
