SELECT count(*) FROM orders SEMI JOIN scope_asked USING (source, account, order_id)
