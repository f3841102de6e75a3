SELECT count(*) FROM gone_orders
