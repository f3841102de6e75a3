-- How many totals of flow and currency of the two accounts are others in
-- split_figures than those that were closed by the entry $1.
WITH closed AS (
    SELECT flow, currency, sum(orders) AS orders{{range .}}, sum({{.}}) AS {{.}}{{end}}
    FROM audit.close_totals
    WHERE entry_id = $1 AND source = getvariable('source') AND account IN (getvariable('earlier'), getvariable('account'))
    GROUP BY flow, currency
),
found AS (
    SELECT flow, currency, sum(orders) AS orders{{range .}}, sum({{.}}) AS {{.}}{{end}}
    FROM split_figures
    GROUP BY flow, currency
)
SELECT count(*) FROM ((FROM closed EXCEPT FROM found) UNION ALL (FROM found EXCEPT FROM closed))
