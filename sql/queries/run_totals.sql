-- The control totals of one run: the money of the sources' own text against
-- what was loaded of it, over all windows. Columns that were nothing but zero
-- are left out.
SELECT
    source || '/' || account AS account,
    stream,
    table_name,
    column_name,
    currency,
    sum(amount_in)::DECIMAL(38, 4) AS amount_in,
    sum(amount_loaded)::DECIMAL(38, 4) AS amount_loaded,
    (sum(amount_loaded) - sum(amount_in))::DECIMAL(38, 4) AS difference
FROM audit.extract_totals
WHERE run_id = $1
GROUP BY ALL
HAVING amount_in <> 0 OR amount_loaded <> 0
ORDER BY ALL
