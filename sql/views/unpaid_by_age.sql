-- The age is counted to the last business date that is over, as in the sheet
-- Outstanding of its book, and not to today: the same database gives the same
-- answer.
CREATE OR REPLACE VIEW main.unpaid_by_age AS
SELECT
    as_of,
    source,
    account,
    currency,
    main.age(days) AS age,
    main.age_from(days) AS from_days,
    count(*) AS orders,
    sum(net_amount) AS net_amount,
    sum(coalesce(paid_amount, 0)) AS paid_amount,
    sum(outstanding_amount) AS outstanding_amount,
    min(business_date) AS oldest_date
FROM (
    SELECT o.*, c.business_date AS as_of, c.business_date - o.business_date AS days
    FROM main.classified_orders o
    CROSS JOIN audit.last_complete c
    WHERE o.flow = 'revenue' AND o.standing = 'live' AND o.payment_status IN ('unpaid', 'partial')
)
GROUP BY as_of, source, account, currency, age, from_days;
