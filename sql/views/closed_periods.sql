-- The months that are closed now.
CREATE OR REPLACE VIEW audit.closed_periods AS
SELECT * FROM closed_periods();
