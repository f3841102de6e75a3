-- What a business date is, in one place for every statement; transform.Calendar
-- says the same for rows that are being decoded. The wall clock of the zone
-- decides, so that days on which clocks change need no rule.
CREATE OR REPLACE MACRO audit.business_date(instant, zone, day_start) AS
    timezone(zone, instant)::DATE - CASE WHEN timezone(zone, instant)::TIME < day_start THEN 1 ELSE 0 END;

-- The instant at which a business date begins.
CREATE OR REPLACE MACRO audit.day_begins(business_date, zone, day_start) AS
    day_begins(business_date, zone, day_start);

-- The last business date that was over at an instant for every account of the
-- book. Null where no account is known.
CREATE OR REPLACE MACRO audit.over_at(instant) AS (
    SELECT min(audit.business_date(instant, timezone, business_day_start)) - 1
    FROM audit.accounts
    WHERE is_configured
);

-- The same at the beginning of the latest run: what is later may still grow.
CREATE OR REPLACE VIEW audit.last_complete AS
SELECT * FROM last_complete();
