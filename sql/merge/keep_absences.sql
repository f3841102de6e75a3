-- Remembers which orders are missing and not taken as deleted yet, and since when.
-- One that is answered, by whatever stream, is not missing; of one that is deleted
-- the order itself tells.
DELETE FROM audit.absences
WHERE source = getvariable('source') AND account = getvariable('account')
  AND (order_id IN (SELECT order_id FROM answered_orders WHERE order_id IS NOT NULL)
    OR order_id IN (SELECT order_id FROM gone_orders));

INSERT INTO audit.absences BY NAME
SELECT getvariable('source') AS source, getvariable('account') AS account, order_id,
    getvariable('run_at') AS absent_since, getvariable('run_id') AS run_id
FROM absent_orders
WHERE order_id NOT IN (SELECT order_id FROM audit.absences WHERE source = getvariable('source') AND account = getvariable('account'))
ORDER BY order_id
