-- The windows that a run ($1) loaded of an account ($2, $3), and why some of
-- them do not add up.
SELECT count(*), count(*) FILTER (WHERE state = 'unreconciled'), string_agg(stream || ': ' || message, '; ')
FROM audit.extracts
WHERE run_id = $1 AND source = $2 AND account = $3 AND state <> 'failed'
