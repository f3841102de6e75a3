-- What has moved in the periods that are closed, with the names of the figures that
-- differ as a list.
CREATE OR REPLACE VIEW main.restatements AS
SELECT * REPLACE (list_filter(string_split(changed_columns, ', '), lambda figure: figure <> '') AS changed_columns)
FROM restatements();

-- The same by figure: one row for each figure of an order that moved.
CREATE OR REPLACE VIEW main.restatement_columns AS
SELECT
    r.period, r.source, r.account, r.order_id, r.order_no, r.change, r.cause, r.changed_at, f.column_name,
    f.value_before, f.value_after, coalesce(r.currency_after, r.currency_before) AS currency,
    f.amount_before, f.amount_after, f.effect
FROM main.restatements r
CROSS JOIN LATERAL (VALUES
    ('status', r.status_before::VARCHAR, r.status_after::VARCHAR, NULL::DECIMAL(18,4), NULL::DECIMAL(18,4), NULL::DECIMAL(18,4)),
    ('business_date', r.business_date_before::VARCHAR, r.business_date_after::VARCHAR, NULL::DECIMAL(18,4), NULL::DECIMAL(18,4), NULL::DECIMAL(18,4)),
    ('flow', r.flow_before::VARCHAR, r.flow_after::VARCHAR, NULL::DECIMAL(18,4), NULL::DECIMAL(18,4), NULL::DECIMAL(18,4)),
    ('currency', r.currency_before::VARCHAR, r.currency_after::VARCHAR, NULL::DECIMAL(18,4), NULL::DECIMAL(18,4), NULL::DECIMAL(18,4)),
    ('gross_amount', r.gross_amount_before::VARCHAR, r.gross_amount_after::VARCHAR, r.gross_amount_before, r.gross_amount_after, r.gross_amount_effect),
    ('discount_amount', r.discount_amount_before::VARCHAR, r.discount_amount_after::VARCHAR, r.discount_amount_before, r.discount_amount_after, r.discount_amount_effect),
    ('goods_amount', r.goods_amount_before::VARCHAR, r.goods_amount_after::VARCHAR, r.goods_amount_before, r.goods_amount_after, r.goods_amount_effect),
    ('freight_amount', r.freight_amount_before::VARCHAR, r.freight_amount_after::VARCHAR, r.freight_amount_before, r.freight_amount_after, r.freight_amount_effect),
    ('packaging_amount', r.packaging_amount_before::VARCHAR, r.packaging_amount_after::VARCHAR, r.packaging_amount_before, r.packaging_amount_after, r.packaging_amount_effect),
    ('other_amount', r.other_amount_before::VARCHAR, r.other_amount_after::VARCHAR, r.other_amount_before, r.other_amount_after, r.other_amount_effect),
    ('net_amount', r.net_amount_before::VARCHAR, r.net_amount_after::VARCHAR, r.net_amount_before, r.net_amount_after, r.net_amount_effect),
    ('paid_amount', r.paid_amount_before::VARCHAR, r.paid_amount_after::VARCHAR, r.paid_amount_before, r.paid_amount_after, r.paid_amount_effect),
    ('settle_amount', r.settle_amount_before::VARCHAR, r.settle_amount_after::VARCHAR, r.settle_amount_before, r.settle_amount_after, r.settle_amount_effect),
    ('commission_amount', r.commission_amount_before::VARCHAR, r.commission_amount_after::VARCHAR, r.commission_amount_before, r.commission_amount_after, r.commission_amount_effect),
    ('tip_amount', r.tip_amount_before::VARCHAR, r.tip_amount_after::VARCHAR, r.tip_amount_before, r.tip_amount_after, r.tip_amount_effect),
    ('deduction_amount', r.deduction_amount_before::VARCHAR, r.deduction_amount_after::VARCHAR, r.deduction_amount_before, r.deduction_amount_after, r.deduction_amount_effect)
) AS f(column_name, value_before, value_after, amount_before, amount_after, effect)
WHERE f.value_before IS DISTINCT FROM f.value_after OR f.effect <> 0;

-- The totals of the closed periods.
CREATE OR REPLACE VIEW main.restatement_totals AS
SELECT * EXCLUDE (is_restated) FROM restatement_totals();
