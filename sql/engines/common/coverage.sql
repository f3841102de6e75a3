-- macro: coverage(first_date, last_date, known_at)
-- gives: a table: how the data of each account of the book stands for each business date of a
--   range, as it was known at an instant: the one place where it is decided what is complete

-- A date is
--
--   not_over      it had not ended, by the account's own calendar, when the
--                 latest run began that brought anything
--   complete      every stream that lists orders was read up to its end without a
--                 gap, and what was read of it last agreed
--   unreconciled  what was read of it last did not agree, or a replay could not make
--                 it again (audit.losses) and no later reading has made good for that
--   failed        nothing has covered it, and the account has failed since it
--                 ended
--   not_pulled    nothing has covered it, or a part of it alone
--
-- A window without an end holds all that there was when its run began, and the
-- windows of a stream cover what they cover without a gap (see
-- ledger/covered_windows.sql). run_id is the run on which the answer rests.
WITH latest AS (
    SELECT max(started_at) AS started_at FROM audit.runs WHERE started_at <= known_at AND outcome IS DISTINCT FROM 'failed'
),
days AS (
    SELECT a.source, a.account, d.business_date,
        day_begins(d.business_date, a.timezone, a.business_day_start) AS begins,
        day_begins(d.business_date + 1, a.timezone, a.business_day_start) AS ends
    FROM audit.accounts a
    CROSS JOIN dates(first_date, last_date) d
    -- An account that is no longer read is of the book where it has orders.
    WHERE a.is_configured OR EXISTS (
        SELECT 1 FROM main.orders o
        WHERE o.source = a.source AND o.account = a.account AND o.deleted_at IS NULL AND o.business_date = d.business_date
    )
),
readings AS (
    SELECT e.source, e.account, e.stream, coalesce(e.filter, '') AS filter, e.run_id, r.started_at,
        e.window_start, e.window_end, e.state, coalesce(e.covers, e.advances_cursor, false) AS covers
    FROM audit.extracts e
    JOIN audit.runs r USING (run_id)
    WHERE r.started_at <= known_at
),
-- What each stream covers without a gap.
bounded AS (
    SELECT *, max(window_end) OVER earlier AS reached
    FROM (
        SELECT *, first_value(started_at) OVER (
            PARTITION BY source, account, stream, filter ORDER BY window_start NULLS FIRST, started_at NULLS LAST
        ) AS first_started
        FROM readings
        WHERE state = 'complete' AND covers AND window_end IS NOT NULL
    )
    WHERE started_at >= first_started
    WINDOW earlier AS (
        PARTITION BY source, account, stream, filter ORDER BY window_start NULLS FIRST, window_end NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
joined AS (
    SELECT *, bool_or(coalesce(window_start > reached, false)) OVER (
        PARTITION BY source, account, stream, filter ORDER BY window_start NULLS FIRST, window_end NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS is_apart
    FROM bounded
),
covered AS (
    SELECT source, account, stream, filter,
        CASE WHEN bool_or(window_start IS NULL) THEN NULL ELSE min(window_start) END AS covered_from,
        max(window_end) AS covered_to
    FROM joined WHERE NOT is_apart
    GROUP BY ALL
    UNION ALL
    SELECT source, account, stream, filter, NULL, max(started_at)
    FROM readings
    WHERE state = 'complete' AND covers AND window_end IS NULL
    GROUP BY ALL
),
-- Every stream that lists orders must cover the date.
streams AS (
    SELECT s.source, s.account, s.stream, s.filter, c.covered_from, c.covered_to, c.stream IS NOT NULL AS is_covered
    FROM (SELECT DISTINCT source, account, stream, filter FROM readings WHERE covers) s
    LEFT JOIN covered c USING (source, account, stream, filter)
),
spans AS (
    SELECT source, account, max(covered_from) AS covered_from, min(covered_to) AS covered_to, bool_and(is_covered) AS is_covered
    FROM streams
    GROUP BY ALL
),
-- The answers of each run about each date. Windows without bounds are about
-- every date: of them the account's latest answered run alone counts.
answered AS (
    SELECT *, max(CASE WHEN state <> 'failed' THEN started_at END) OVER (PARTITION BY source, account) AS account_latest
    FROM readings
),
touched AS (
    SELECT d.source, d.account, d.business_date, r.stream, r.filter, r.run_id, r.started_at,
        bool_or(r.state = 'unreconciled') AS is_off
    FROM days d
    JOIN answered r ON r.source = d.source AND r.account = d.account AND r.state <> 'failed'
        AND (r.window_start IS NULL OR r.window_start < d.ends)
        AND (r.window_end IS NULL OR r.window_end > d.begins)
        AND (r.window_end IS NOT NULL OR r.started_at = r.account_latest)
    GROUP BY d.source, d.account, d.business_date, r.stream, r.filter, r.run_id, r.started_at
),
touching AS (
    SELECT *
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY source, account, business_date, stream, filter ORDER BY started_at DESC, run_id DESC
        ) AS nth
        FROM touched
    )
    WHERE nth = 1
),
judged AS (
    SELECT source, account, business_date, bool_or(is_off) AS is_off, last_by(run_id, started_at) AS run_id, max(started_at) AS read_at
    FROM touching
    GROUP BY ALL
),
-- Entries of people are of no account.
lost AS (
    SELECT d.source, d.account, d.business_date, max(l.accepted_at) AS accepted_at
    FROM days d
    JOIN audit.losses l ON l.lost_entry_id IS NULL AND l.accepted_at <= known_at
        AND coalesce(l.source, d.source) = d.source AND coalesce(l.account, d.account) = d.account
        AND d.business_date BETWEEN coalesce(l.date_from, d.business_date) AND coalesce(l.date_to, d.business_date)
    GROUP BY ALL
),
failures AS (
    SELECT source, account, max(started_at) AS failed_at, last_by(run_id, started_at) AS run_id
    FROM readings WHERE state = 'failed'
    GROUP BY ALL
)
SELECT
    d.source,
    d.account,
    d.business_date,
    CASE
        WHEN l.started_at IS NULL OR d.ends > l.started_at THEN 'not_over'
        WHEN j.is_off OR lost.accepted_at >= coalesce(j.read_at, before_all()) THEN 'unreconciled'
        WHEN s.is_covered AND (s.covered_from IS NULL OR s.covered_from <= d.begins) AND s.covered_to >= d.ends THEN 'complete'
        WHEN f.failed_at >= d.ends THEN 'failed'
        ELSE 'not_pulled'
    END AS state,
    CASE
        WHEN s.is_covered AND s.covered_to >= d.ends OR f.run_id IS NULL OR f.failed_at < d.ends THEN j.run_id
        ELSE f.run_id
    END AS run_id
FROM days d
CROSS JOIN latest l
LEFT JOIN judged j USING (source, account, business_date)
LEFT JOIN lost ON lost.source = d.source AND lost.account = d.account AND lost.business_date = d.business_date
LEFT JOIN spans s ON s.source = d.source AND s.account = d.account
LEFT JOIN failures f ON f.source = d.source AND f.account = d.account
