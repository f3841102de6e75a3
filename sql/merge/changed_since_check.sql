-- Orders that this run's answers change wait for the checks. Rows that were
-- removed leave no other trace by which the checks could find them.
INSERT INTO recon.changed
SELECT getvariable('source'), getvariable('account'), order_id FROM changed_orders WHERE order_id IS NOT NULL;
