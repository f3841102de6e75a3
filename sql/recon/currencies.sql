-- The currencies of ISO 4217, for the checks.
CREATE OR REPLACE TEMP TABLE recon_currencies AS SELECT unnest($1::VARCHAR[]) AS code
