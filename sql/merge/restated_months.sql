-- How many orders of each closed period other settings move: into it, out of it,
-- or within it. It runs before they are applied; the names are those of the
-- amounts that a close freezes.
SELECT c.period, count(*)
FROM diff_orders d
JOIN cand_orders n ON n.order_id = d.order_id
JOIN main.orders o ON o.source = n.source AND o.account = n.account AND o.order_id = n.order_id
JOIN audit.closed_periods c
    ON o.business_date BETWEEN c.date_from AND c.date_to OR n.business_date BETWEEN c.date_from AND c.date_to
WHERE o.deleted_at IS NULL
    AND (o.business_date IS DISTINCT FROM n.business_date OR o.flow IS DISTINCT FROM n.flow OR o.currency IS DISTINCT FROM n.currency
    {{- range .}} OR o.{{.}} IS DISTINCT FROM n.{{.}}{{end}})
GROUP BY c.period
ORDER BY c.period
