-- The orders of which an answer listed all rows of a table whose answers may
-- carry a part, by stream (its number) and with the last such answer. A window
-- that begins somewhere lists all only of orders that were created in it: what
-- an older order has may lie before.
CREATE OR REPLACE TEMP TABLE whole_orders AS
SELECT NULL::INTEGER AS stream_no, NULL::VARCHAR AS order_id, NULL::BIGINT AS _seq WHERE false
{{- range $i, $stream := .}}
UNION ALL
SELECT {{$i}}, r.order_id, max(r._seq)
FROM {{records $stream}} r
JOIN cand_orders o USING (order_id)
WHERE r.is_loadable AND r.is_whole
    AND (getvariable('window_starts')[r.window_no + 1] < TIMESTAMPTZ '1970-01-01 00:00:00Z' OR o.created_at >= getvariable('window_starts')[r.window_no + 1])
GROUP BY r.order_id
{{- end}}
