-- What the database holds and one that is made anew from the landing must hold
-- as well, a row for each thing. kind, run, account and item name it; it may not
-- have fewer of counted, answers and records, and what stands in exact, where
-- something does, may not differ. words says it to people; the dates are the
-- business dates that it concerns, '' where they are not known.
--
--   database  its id                    windows   what a run read of a stream
--   run       how a run ended           failed    accounts that failed in a run
--   entry     what a person added       totals    control totals of a window
--   orders    how many an account has   standing  orders of a date as a run left them
--   closed    closed figures            basis     on what the rows of an account rest
--   changed   accounts whose rows were brought to other settings
--   head      the landing's last seal when it was published
SELECT 'database' AS kind, '' AS run_id, '' AS source, '' AS account, database_id AS item,
    '' AS date_from, '' AS date_to, 1 AS counted, 0 AS answers, 0 AS records, '' AS exact, '' AS words
FROM audit.meta
WHERE EXISTS (FROM audit.runs)
UNION ALL
-- A run is known by what its own clock said: what was moved since is no loss.
SELECT 'run', run_id, '', '', '', '', started_at::DATE::VARCHAR, 1, 0, 0,
    CASE WHEN outcome IS NULL THEN '' ELSE concat_ws(' ', outcome, exit_code,
        coalesce((SELECT min_by(c.recorded_at, c.corrected_at) FROM audit.clock_corrections c WHERE c.subject = run_id), started_at), CASE WHEN books_to IS NULL THEN 'without' ELSE 'with' END, 'workbooks') END,
    coalesce(version, '')
FROM audit.runs
UNION ALL
SELECT CASE WHEN e.state = 'failed' THEN 'failed' ELSE 'windows' END, e.run_id, e.source, e.account, concat_ws(' ', e.stream, e.filter),
    CASE WHEN bool_or(e.window_start IS NULL) THEN '' ELSE min(timezone(coalesce(a.timezone, 'UTC'), e.window_start))::DATE::VARCHAR END,
    max(timezone(coalesce(a.timezone, 'UTC'), coalesce(e.window_end, r.started_at)))::DATE::VARCHAR,
    count(*), coalesce(sum(e.pages), 0), coalesce(sum(e.fetched), 0), '', ''
FROM audit.extracts e
LEFT JOIN audit.accounts a ON a.source = e.source AND a.account = e.account
LEFT JOIN audit.runs r ON r.run_id = e.run_id
GROUP BY ALL
UNION ALL
SELECT 'entry', '', '', '', entry_id, coalesce(min(date_from)::VARCHAR, ''), coalesce(max(date_to)::VARCHAR, ''), sum(counted), 0, 0, '', max(words)
FROM (
    SELECT entry_id, date_from, date_to, 1 AS counted, 'the close of ' || period || ', entered at ' || date_trunc('second', closed_at) AS words
    FROM audit.closes
    UNION ALL
    SELECT entry_id, (period || '-01')::DATE, last_day((period || '-01')::DATE), 1, 'the reopening of ' || period || ', entered at ' || date_trunc('second', reopened_at)
    FROM audit.reopens
    UNION ALL
    SELECT n.entry_id, min(b.business_date), max(coalesce(b.business_date, n.annotated_at::DATE)), count(*), 'annotations of breaks, entered at ' || date_trunc('second', min(n.annotated_at))
    FROM recon.annotations n
    LEFT JOIN recon.breaks b USING (break_id)
    GROUP BY n.entry_id
    UNION ALL
    SELECT entry_id, min(stands_at)::DATE, max(stands_at)::DATE, count(*), 'recorded times that were moved, at ' || date_trunc('second', corrected_at)
    FROM audit.clock_corrections
    GROUP BY entry_id, corrected_at
    UNION ALL
    SELECT entry_id, taken_at::DATE, taken_at::DATE, 1, 'a workbook that was read at ' || date_trunc('second', taken_at)
    FROM recon.workbooks
)
GROUP BY entry_id
UNION ALL
SELECT 'orders', '', source, account, '', coalesce(min(business_date)::VARCHAR, ''), coalesce(max(business_date)::VARCHAR, ''), count(*), 0, 0, '', ''
FROM main.orders
GROUP BY ALL
UNION ALL
SELECT 'standing', coalesce(run_id, ''), source, account, coalesce(business_date::VARCHAR, ''), coalesce(business_date::VARCHAR, ''), coalesce(business_date::VARCHAR, ''), count(*), 0, 0, '', ''
FROM main.orders
GROUP BY ALL
UNION ALL
SELECT 'totals', run_id, source, account, concat_ws(' ', stream, window_start, table_name, column_name, currency), '', '', 1, 0, 0, concat_ws(' ', amount_in, amount_loaded), ''
FROM audit.extract_totals
UNION ALL
SELECT 'closed', coalesce(c.run_id, ''), t.source, t.account, concat_ws(' ', c.entry_id, t.flow, t.currency),
    coalesce(c.date_from::VARCHAR, ''), coalesce(c.date_to::VARCHAR, ''), t.orders, 0, 0, t::VARCHAR, ''
FROM audit.close_totals t
JOIN audit.closes c USING (entry_id)
UNION ALL
SELECT 'basis', '', source, account, '', '', '', 1, 0, 0, concat_ws(' ', timezone, business_day_start, currency, memo_only, pii_sha256, wall_zone), ''
FROM audit.accounts
UNION ALL
SELECT DISTINCT 'changed', '', source, account, '', '', '', 1, 0, 0, '', ''
FROM audit.basis_changes
WHERE setting <> 'since'
UNION ALL
SELECT 'head', '', '', '', chain_head, '', '', 1, 0, 0, '', ''
FROM audit.meta
WHERE chain_head <> ''
