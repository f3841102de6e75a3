-- How many records each run refused, and of how many it doubted a value.
CREATE OR REPLACE VIEW audit.refused AS
SELECT * FROM refused();
