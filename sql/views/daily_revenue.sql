-- Revenue by business date, source, account and currency, as the report revenue_days
-- counts it.
CREATE OR REPLACE VIEW main.daily_revenue AS
SELECT * FROM daily_revenue();
