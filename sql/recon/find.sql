-- Adds what is beyond the tolerance of a check (recon_compared) to recon_found,
-- with difference, reason, explanation and id. A figure that does not fit into
-- recon.breaks is null there and stands in the explanation.
--
-- The reason is the first of these that holds, from what is certain to what is
-- left over:
--
--     what the check states        status, duplicate, …: it knows best
--     cutoff                       one side is missing, and cutoff_date says on
--                                  which neighbouring business day it stands
--     missing_right, missing_left  one side is missing
--     unit_factor_100              one figure is exactly 100 times the other
--     one_component                exactly one component equals the difference;
--                                  where two do, neither is named
--     rounding                     at most 0.01 for each of lines
--     cutoff                       cutoff_date: the neighbouring business day
--                                  makes up the difference
--     late_change                  changed_at: the figures agreed until they
--                                  changed then, over a day after they were final
--     amount                       none of these
INSERT INTO recon_found BY NAME
WITH broken AS (
    SELECT c.*,
        coalesce(_actual, 0) - coalesce(_expected, 0) AS _difference,
        {{if .Has "fields"}}in_words(c.fields){{else}}NULL{{end}} AS _fields_zh
    FROM recon_compared c
    WHERE NOT _is_within
),
reasoned AS (
    SELECT c.*, CASE
        WHEN _reason IS NOT NULL THEN _reason
        WHEN (_expected IS NULL OR _actual IS NULL) AND _cutoff_date IS NOT NULL THEN 'cutoff'
        WHEN _expected IS NULL THEN 'missing_right'
        WHEN _actual IS NULL THEN 'missing_left'
        WHEN _expected <> 0 AND _actual <> 0 AND (_actual = _expected * 100 OR _expected = _actual * 100) THEN 'unit_factor_100'
        WHEN {{.Component}} IS NOT NULL THEN 'one_component'
        WHEN abs(_difference) <= 0.01 * {{if .Has "lines"}}greatest(coalesce(c.lines, 1), 1){{else}}1{{end}} THEN 'rounding'
        WHEN _cutoff_date IS NOT NULL THEN 'cutoff'
        WHEN _changed_at IS NOT NULL THEN 'late_change'
        ELSE 'amount'
    END AS _why
    FROM broken c
)
SELECT
    recon.break_id({{text .Rule}}{{range .Key}}, {{$.Optional . "VARCHAR"}}{{end}}) AS break_id,
    {{text .Rule}} AS rule,
    coalesce({{.Optional "severity" "VARCHAR"}}, {{text .Severity}}) AS severity,
    c.source, c.account, c.order_id,
    {{.Optional "line_no" "BIGINT"}} AS line_no,
    {{.Optional "right_source" "VARCHAR"}} AS right_source,
    {{.Optional "right_account" "VARCHAR"}} AS right_account,
    {{.Optional "right_order_id" "VARCHAR"}} AS right_order_id,
    c.business_date::DATE AS business_date,
    try_cast(_expected AS DECIMAL(18,4)) AS expected,
    try_cast(_actual AS DECIMAL(18,4)) AS actual,
    try_cast(_difference AS DECIMAL(18,4)) AS difference,
    c.currency::VARCHAR AS currency,
    _why AS reason,
    {{if .Facts}}json_object({{range $i, $f := .Facts}}{{if $i}}, {{end}}{{text $f.Name}}, {{$f.Value}}{{end}}){{else}}NULL::JSON{{end}} AS facts,
    {{.SentenceEN}} || CASE _why
        WHEN 'one_component' THEN ', which is ' || coalesce({{.ComponentEN}}, '')
        WHEN 'unit_factor_100' THEN ', a factor of exactly 100, as between yuan and fen'
        WHEN 'rounding' THEN ', at most 0.01 a line, as by rounding'
        WHEN 'cutoff' THEN coalesce(', the counterpart stands on ' || _cutoff_date, '')
        WHEN 'late_change' THEN ', after a change first seen on ' || instant_text(_changed_at) || '; until then it agreed'
        ELSE ''
    END || '.' AS explanation_en,
    {{.SentenceZH}} || CASE _why
        WHEN 'one_component' THEN '，恰为' || coalesce({{.ComponentZH}}, '')
        WHEN 'unit_factor_100' THEN '，恰为100倍，疑为元与分之别'
        WHEN 'rounding' THEN '，每行不超过0.01，为四舍五入所致'
        WHEN 'cutoff' THEN coalesce('，对方记在' || _cutoff_date, '')
        WHEN 'late_change' THEN '，自' || instant_text(_changed_at) || '发现变动，此前相符'
        ELSE ''
    END || '。' AS explanation_zh,
    (SELECT recorded_at FROM recon_run) AS first_seen,
    (SELECT recorded_at FROM recon_run) AS last_seen,
    'open' AS status
FROM reasoned c
