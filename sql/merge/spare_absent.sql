-- What is missing and not taken as deleted yet is not gone.
DELETE FROM gone_orders WHERE order_id IN (SELECT order_id FROM absent_orders)
