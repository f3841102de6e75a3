-- macro: refused()
-- gives: a table: how many records each run refused, and of how many it doubted a value, by
--   account; an order counts once, however often and in however many streams it came, and a
--   record without an id by its place
SELECT run_id, source, account,
    count(DISTINCT record) FILTER (WHERE is_reject) AS rejected,
    count(DISTINCT record) FILTER (WHERE NOT is_reject) AS doubted
FROM (
    SELECT run_id, source, account, coalesce(order_id, landing_ref) AS record, true AS is_reject FROM audit.rejects
    UNION ALL
    SELECT run_id, source, account, coalesce(order_id, landing_ref), false FROM audit.findings
)
GROUP BY run_id, source, account
