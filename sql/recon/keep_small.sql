-- What a check found within its tolerance, by order: the rule drift adds it up
-- over all orders of a store and business date, so it is kept from run to run
-- ($1 is the rule). Counts have no currency and no drift.
INSERT INTO recon.small_differences BY NAME
SELECT $1 AS rule, c.source, c.account, c.order_id, o.store_id, c.business_date::DATE AS business_date, o.flow, c.currency::VARCHAR AS currency,
    count(*) AS differences,
    sum(c._expected)::DECIMAL(38,4) AS expected,
    sum(c._actual)::DECIMAL(38,4) AS actual
FROM recon_compared c
JOIN orders o ON o.source = c.source AND o.account = c.account AND o.order_id = c.order_id
WHERE c._is_within AND c.currency IS NOT NULL
GROUP BY ALL
