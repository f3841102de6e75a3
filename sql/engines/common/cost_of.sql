-- macro: cost_of(flow, standing, net_amount, deduction_amount)
-- gives: DECIMAL, what an order of flow cost costs: of one that was called off only what is kept
--   of it
CASE
    WHEN flow IS DISTINCT FROM 'cost' OR standing = 'deleted' THEN NULL
    WHEN standing = 'live' THEN net_amount
    ELSE coalesce(deduction_amount, 0)
END
