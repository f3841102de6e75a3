-- SOMS answers which orders were refunded, never that one was not: an order
-- that no scan of refunded orders has named is none (docs/mapping.md).
UPDATE cand_orders SET refund_status = 'none' WHERE refund_status IS NULL;
