-- Orders that the vendor went back with wait for the checks, changed or not.
INSERT INTO recon.changed
SELECT DISTINCT getvariable('source'), getvariable('account'), order_id FROM older_orders
