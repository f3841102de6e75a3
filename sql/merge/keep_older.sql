-- Remembers of which orders the vendor answers with an older version than stands, and
-- since when. One that it gives as it stands, or newer, is none of them any more, nor
-- one whose older version was taken. Streams that state no version say nothing of it.
DELETE FROM audit.older_answers
WHERE source = getvariable('source') AND account = getvariable('account')
  AND order_id IN (
    SELECT NULL::VARCHAR WHERE false
    {{- range .}}
    UNION ALL SELECT order_id FROM {{records .}} WHERE is_loadable AND order_id IS NOT NULL
    {{- end}});

INSERT INTO audit.older_answers BY NAME
SELECT DISTINCT getvariable('source') AS source, getvariable('account') AS account, order_id,
    getvariable('run_at') AS older_since, getvariable('run_id') AS run_id
FROM older_orders
WHERE order_id NOT IN (SELECT order_id FROM audit.older_answers WHERE source = getvariable('source') AND account = getvariable('account'))
ORDER BY order_id
