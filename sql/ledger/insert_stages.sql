-- What stages took, a row beside each other: run, source and account ('' for the run
-- as a whole), stage, microseconds, calls, bytes and rows. What is there already of a
-- stage, for a run before has entered it, stays.
INSERT INTO audit.stages (run_id, source, account, stage, seconds, calls, bytes, rows)
SELECT n.run_id, n.source, n.account, n.stage, n.microseconds * 0.000001, n.calls, n.bytes, n.rows
FROM (
    SELECT unnest($1::VARCHAR[]) AS run_id, nullif(unnest($2::VARCHAR[]), '') AS source, nullif(unnest($3::VARCHAR[]), '') AS account, unnest($4::VARCHAR[]) AS stage,
        unnest($5::BIGINT[]) AS microseconds, unnest($6::BIGINT[]) AS calls, unnest($7::BIGINT[]) AS bytes, unnest($8::BIGINT[]) AS rows
) n
WHERE NOT EXISTS (
    FROM audit.stages s
    WHERE s.run_id = n.run_id AND s.source IS NOT DISTINCT FROM n.source AND s.account IS NOT DISTINCT FROM n.account AND s.stage = n.stage
)
