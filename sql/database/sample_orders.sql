-- Orders that were decoded anew, in the attached database one, and of which the
-- published one has no version that says what the answer says, though it has none that
-- is newer. What the answer leaves out, a version may have of an earlier one. A version
-- that the same run brought rests on the same raw record, in the same place, unless
-- it only brought rows that were there to other settings.
WITH judged AS (
    SELECT s.source, s.account, s.order_id,
        count(*) FILTER (v.run_id = s.run_id OR v.payload_sha256 = s.payload_sha256) AS known,
        count(*) FILTER (v.order_id IS NOT NULL
            AND (v.run_id IS DISTINCT FROM s.run_id OR v.cause IS NOT NULL
                OR v.payload_sha256 IS NOT DISTINCT FROM s.payload_sha256 AND v.landing_ref IS NOT DISTINCT FROM s.landing_ref)
            {{- range .Columns}}
            AND (s.{{id .}} IS NULL OR v.{{id .}} IS NOT DISTINCT FROM s.{{id .}}){{end}}) AS same,
        coalesce(bool_or(v.updated_at > s.updated_at), false) AS newer
    FROM one.main.orders s
    LEFT JOIN other.audit.order_versions v USING (source, account, order_id)
    GROUP BY s.source, s.account, s.order_id
)
SELECT source, account, order_id, known = 0
FROM judged
WHERE same = 0 AND (known > 0 OR NOT newer)
ORDER BY ALL
