-- The rows that have business dates, with those that follow from their instants
-- under another calendar (variables zone and day_start). Dates that a source
-- states as dates do not follow from any calendar. business_date.sql comes next.
CREATE OR REPLACE TEMP TABLE cand_orders AS
SELECT * EXCLUDE (run_id) REPLACE (
    audit.business_date(created_at, getvariable('zone'), getvariable('day_start')::TIME) AS booked_date,
    audit.business_date(service_at, getvariable('zone'), getvariable('day_start')::TIME) AS service_date,
    audit.business_date(created_at, getvariable('zone'), getvariable('day_start')::TIME) AS business_date)
FROM main.orders WHERE source = getvariable('source') AND account = getvariable('account');

CREATE OR REPLACE TEMP TABLE cand_stays AS
SELECT * EXCLUDE (run_id) REPLACE (
    audit.business_date(arrival_at, getvariable('zone'), getvariable('day_start')::TIME) AS arrival_date,
    audit.business_date(departure_at, getvariable('zone'), getvariable('day_start')::TIME) AS departure_date)
FROM main.stays WHERE source = getvariable('source') AND account = getvariable('account');

CREATE OR REPLACE TEMP TABLE cand_delivery_events AS
SELECT * EXCLUDE (run_id) REPLACE (
    audit.business_date(happened_at, getvariable('zone'), getvariable('day_start')::TIME) AS business_date)
FROM main.delivery_events WHERE source = getvariable('source') AND account = getvariable('account');
