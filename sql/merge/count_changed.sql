SELECT count(order_id) FROM changed_orders
