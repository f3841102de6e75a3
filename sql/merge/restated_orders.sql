CREATE OR REPLACE TEMP TABLE touched_orders AS SELECT order_id FROM cand_orders
