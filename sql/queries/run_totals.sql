-- The control totals of one run: the money of the sources' own text against
-- what was loaded of it, over all windows. Columns that were nothing but zero
-- are left out.
SELECT
    source || '/' || account || ' ' || stream AS stream,
    table_name || '.' || column_name AS amount,
    currency,
    sum(amount_in)::DECIMAL(38, 4) AS stated,
    sum(amount_loaded)::DECIMAL(38, 4) AS loaded,
    (sum(amount_loaded) - sum(amount_in))::DECIMAL(38, 4) AS difference
FROM audit.extract_totals t
WHERE run_id = $1
GROUP BY source, account, t.stream, table_name, column_name, currency
HAVING sum(amount_in) <> 0 OR sum(amount_loaded) <> 0
ORDER BY source, account, t.stream, table_name, column_name, currency
