-- The business dates of which a run ($1) leaves a workbook: each that has become
-- over since the last run that left one, in any case the last one; and of those
-- that have one, each that has moved since, so that the books of all dates add up
-- to the database. Books of closed months stay as they were signed: what moved
-- there is a restatement.
WITH before AS (
    SELECT max(books_to) AS books_to, min(books_to) AS first_date, max(started_at) AS started_at
    FROM audit.runs
    WHERE books_to IS NOT NULL AND run_id <> $1
),
last AS (
    SELECT audit.over_at(started_at) AS business_date FROM audit.runs WHERE run_id = $1
),
moved AS (
    SELECT v.business_date
    FROM audit.order_versions v JOIN before b ON v.valid_from > b.started_at OR v.valid_to > b.started_at
    UNION
    SELECT k.business_date
    FROM recon.breaks k JOIN before b ON k.first_seen > b.started_at OR k.resolved_at > b.started_at
    UNION
    SELECT k.business_date
    FROM recon.annotations a JOIN before b ON a.annotated_at > b.started_at
    JOIN recon.breaks k USING (break_id)
    UNION
    -- Two months back, an account may have answered that had failed before.
    SELECT business_date
    FROM (
        SELECT source, account, business_date, state
        FROM audit.coverage((SELECT business_date - 61 FROM last), (SELECT business_date FROM last), 'infinity'::TIMESTAMPTZ)
        EXCEPT
        SELECT source, account, business_date, state
        FROM audit.coverage((SELECT business_date - 61 FROM last), (SELECT business_date FROM last), (SELECT started_at FROM before))
    )
)
SELECT unnest(generate_series(coalesce(least(b.books_to + 1, l.business_date), l.business_date), l.business_date, INTERVAL 1 DAY))::DATE AS business_date
FROM before b CROSS JOIN last l
UNION
SELECT m.business_date
FROM moved m CROSS JOIN before b CROSS JOIN last l
WHERE m.business_date BETWEEN b.first_date AND l.business_date
    AND NOT EXISTS (FROM audit.closed_periods c WHERE m.business_date BETWEEN c.date_from AND c.date_to)
ORDER BY business_date
