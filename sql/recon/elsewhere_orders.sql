-- The orders of which a check found something, with what recon.small_differences says of
-- them.
SELECT o.source, o.account, o.order_id, o.store_id, o.flow
FROM orders o
SEMI JOIN (
{{.}}
) c ON c.source = o.source AND c.account = o.account AND c.order_id = o.order_id AND c.expected <> c.actual
