-- What the answers of this night looked like, for who compares it with the nights
-- before (watch_compare.sql). The arrays are what the answers themselves told
-- ($1 stream, $2 trait, $3 within, $4 item, $5 value, $6 counted, $7 among,
-- $8 landing_ref); the rest follows from the rows staged.
--
-- trait    within          item        value        counted                 among
-- member   path of object  its name    types        times it stood there    objects at the path
-- value    table.column    the code                 rows that have it       rows that have any
-- page                     size asked               most records of a page  
--                                                   that others came behind
-- total                    total       stated/none  answers
-- order                    the column  ascending/   neighbours on a page
--                                      descending/  that differ
--                                      none
-- apart                    the filter               records that come only  records
--                                                   when asked for with it
-- late                     seconds                  how long after its time
--                                                   an order came to the list
--
-- Of a long night's members a sample is counted (pipeline/watch.go).
--
-- is_doubtful marks a code of a status that no document of the vendor's names.
CREATE OR REPLACE TEMP TABLE observed AS
SELECT
    unnest($1::VARCHAR[]) AS stream, unnest($2::VARCHAR[]) AS trait, unnest($3::VARCHAR[]) AS within, unnest($4::VARCHAR[]) AS item,
    nullif(unnest($5::VARCHAR[]), '') AS value, unnest($6::BIGINT[]) AS counted, unnest($7::BIGINT[]) AS among,
    false AS is_doubtful, nullif(unnest($8::VARCHAR[]), '') AS landing_ref
{{- range .Values}}
UNION ALL
SELECT {{text .Stream}}, 'value', {{text (print .Table "." .Column)}}, {{.Column}}, NULL, count(*), sum(count(*)) OVER (),
    {{if .Meaning}}bool_or({{.Meaning}} IS NULL){{else}}false{{end}}, min(landing_ref)
FROM {{staged .Stream .Table}}
WHERE {{.Column}} IS NOT NULL
GROUP BY {{.Column}}
{{- end}}
{{- range .Lists}}
{{- $stream := .}}
{{- range $column := $.Times}}
UNION ALL
SELECT {{text $stream}}, 'order', '', {{text $column}},
    CASE WHEN 50 * falls < rises THEN 'ascending' WHEN 50 * rises < falls THEN 'descending' ELSE 'none' END,
    rises + falls, rises + falls, false, landing_ref
FROM (
    SELECT count(*) FILTER (told > previous) AS rises, count(*) FILTER (told < previous) AS falls,
        coalesce(min(landing_ref) FILTER (told < previous), min(landing_ref)) AS landing_ref
    FROM (
        SELECT s.{{$column}} AS told, lag(s.{{$column}}) OVER (PARTITION BY split_part(s.landing_ref, '#', 1) ORDER BY s._seq) AS previous, s.landing_ref
        FROM {{staged $stream "orders"}} s
        JOIN {{records $stream}} r ON r._seq = s._seq
        JOIN window_bounds w ON w.window_no = r.window_no AND NOT w.is_net
    )
)
-- Between few neighbours, and where a few of many stand otherwise, it is not known.
WHERE rises + falls >= 20 AND (50 * least(rises, falls) < rises + falls OR 10 * least(rises, falls) > rises + falls)
{{- end}}
{{- if $.Apart}}
UNION ALL
SELECT {{text .}}, 'apart', '', w.filter, NULL, count(DISTINCT r.record_key), count(DISTINCT r.record_key), false, min(s.landing_ref)
FROM {{records .}} r
JOIN window_bounds w ON w.window_no = r.window_no AND w.filter <> '' AND NOT w.is_net
JOIN {{staged . "orders"}} s ON s._seq = r._seq
WHERE NOT r.is_superseded
    AND EXISTS (FROM {{records .}} u JOIN window_bounds p ON p.window_no = u.window_no WHERE coalesce(p.filter, '') = '')
    AND r.record_key NOT IN (
        SELECT u.record_key FROM {{records .}} u JOIN window_bounds p ON p.window_no = u.window_no
        WHERE coalesce(p.filter, '') = '' AND NOT u.is_superseded AND u.record_key IS NOT NULL)
GROUP BY w.filter
{{- end}}
UNION ALL
SELECT {{text .}}, 'late', '', 'seconds', NULL, max(seconds), count(*), false, max_by(landing_ref, seconds)
FROM (
    SELECT date_diff('second', greatest(s.created_at, s.updated_at), read.until) AS seconds, s.landing_ref
    FROM {{staged . "orders"}} s
    JOIN changed_orders c ON c.order_id = s.order_id AND c.change = 'inserted'
    CROSS JOIN (
        SELECT max(window_end) AS until, min(coalesce(window_start, '-infinity')) AS since
        FROM audit.extracts
        WHERE source = getvariable('source') AND account = getvariable('account') AND stream = {{text .}}
            AND state = 'complete' AND advances_cursor AND run_id <> getvariable('run_id')
    ) read
    WHERE s.created_at >= read.since AND greatest(s.created_at, s.updated_at) < read.until
)
HAVING max(seconds) > 0
{{- end}}
