-- macro: restatement_totals()
-- gives: a table: the totals of the closed periods, by source, account, flow and currency: as
--   closed, what the restatements make of them, and what they are now. is_restated says that
--   an order moved in it, were it by nothing
WITH moved AS (
    SELECT * FROM restatements()
),
effects AS (
    -- A restated order leaves the totals with the figures of the close and
    -- comes into them with those of now.
    SELECT period, source, account, flow_before AS flow, currency_before AS currency,
        1 AS restated, 0 AS orders_closed, -1 AS orders_effect,
        NULL::DECIMAL(38,4) AS gross_amount_closed, -gross_amount_before AS gross_amount_effect,
        NULL::DECIMAL(38,4) AS discount_amount_closed, -discount_amount_before AS discount_amount_effect,
        NULL::DECIMAL(38,4) AS goods_amount_closed, -goods_amount_before AS goods_amount_effect,
        NULL::DECIMAL(38,4) AS freight_amount_closed, -freight_amount_before AS freight_amount_effect,
        NULL::DECIMAL(38,4) AS packaging_amount_closed, -packaging_amount_before AS packaging_amount_effect,
        NULL::DECIMAL(38,4) AS other_amount_closed, -other_amount_before AS other_amount_effect,
        NULL::DECIMAL(38,4) AS net_amount_closed, -net_amount_before AS net_amount_effect,
        NULL::DECIMAL(38,4) AS paid_amount_closed, -paid_amount_before AS paid_amount_effect,
        NULL::DECIMAL(38,4) AS settle_amount_closed, -settle_amount_before AS settle_amount_effect,
        NULL::DECIMAL(38,4) AS commission_amount_closed, -commission_amount_before AS commission_amount_effect,
        NULL::DECIMAL(38,4) AS tip_amount_closed, -tip_amount_before AS tip_amount_effect,
        NULL::DECIMAL(38,4) AS deduction_amount_closed, -deduction_amount_before AS deduction_amount_effect
    FROM moved WHERE counted
    UNION ALL
    SELECT period, source, account, flow_after AS flow, currency_after AS currency,
        1 AS restated, 0 AS orders_closed, 1 AS orders_effect,
        NULL::DECIMAL(38,4) AS gross_amount_closed, gross_amount_after AS gross_amount_effect,
        NULL::DECIMAL(38,4) AS discount_amount_closed, discount_amount_after AS discount_amount_effect,
        NULL::DECIMAL(38,4) AS goods_amount_closed, goods_amount_after AS goods_amount_effect,
        NULL::DECIMAL(38,4) AS freight_amount_closed, freight_amount_after AS freight_amount_effect,
        NULL::DECIMAL(38,4) AS packaging_amount_closed, packaging_amount_after AS packaging_amount_effect,
        NULL::DECIMAL(38,4) AS other_amount_closed, other_amount_after AS other_amount_effect,
        NULL::DECIMAL(38,4) AS net_amount_closed, net_amount_after AS net_amount_effect,
        NULL::DECIMAL(38,4) AS paid_amount_closed, paid_amount_after AS paid_amount_effect,
        NULL::DECIMAL(38,4) AS settle_amount_closed, settle_amount_after AS settle_amount_effect,
        NULL::DECIMAL(38,4) AS commission_amount_closed, commission_amount_after AS commission_amount_effect,
        NULL::DECIMAL(38,4) AS tip_amount_closed, tip_amount_after AS tip_amount_effect,
        NULL::DECIMAL(38,4) AS deduction_amount_closed, deduction_amount_after AS deduction_amount_effect
    FROM moved WHERE counts
    UNION ALL
    SELECT period, source, account, flow, currency,
        0, orders, 0,
        gross_amount, NULL::DECIMAL(38,4),
        discount_amount, NULL::DECIMAL(38,4),
        goods_amount, NULL::DECIMAL(38,4),
        freight_amount, NULL::DECIMAL(38,4),
        packaging_amount, NULL::DECIMAL(38,4),
        other_amount, NULL::DECIMAL(38,4),
        net_amount, NULL::DECIMAL(38,4),
        paid_amount, NULL::DECIMAL(38,4),
        settle_amount, NULL::DECIMAL(38,4),
        commission_amount, NULL::DECIMAL(38,4),
        tip_amount, NULL::DECIMAL(38,4),
        deduction_amount, NULL::DECIMAL(38,4)
    FROM audit.close_totals
    WHERE entry_id IN (SELECT entry_id FROM closed_periods())
),
totals AS (
    SELECT period, source, account, flow, currency,
        max(restated) = 1 AS is_restated, sum(orders_closed)::BIGINT AS orders_closed, sum(orders_effect)::BIGINT AS orders_effect,
        sum(gross_amount_closed)::DECIMAL(38,4) AS gross_amount_closed, sum(gross_amount_effect)::DECIMAL(38,4) AS gross_amount_effect,
        count(gross_amount_closed) + count(gross_amount_effect) > 0 AS gross_amount_known,
        sum(discount_amount_closed)::DECIMAL(38,4) AS discount_amount_closed, sum(discount_amount_effect)::DECIMAL(38,4) AS discount_amount_effect,
        count(discount_amount_closed) + count(discount_amount_effect) > 0 AS discount_amount_known,
        sum(goods_amount_closed)::DECIMAL(38,4) AS goods_amount_closed, sum(goods_amount_effect)::DECIMAL(38,4) AS goods_amount_effect,
        count(goods_amount_closed) + count(goods_amount_effect) > 0 AS goods_amount_known,
        sum(freight_amount_closed)::DECIMAL(38,4) AS freight_amount_closed, sum(freight_amount_effect)::DECIMAL(38,4) AS freight_amount_effect,
        count(freight_amount_closed) + count(freight_amount_effect) > 0 AS freight_amount_known,
        sum(packaging_amount_closed)::DECIMAL(38,4) AS packaging_amount_closed, sum(packaging_amount_effect)::DECIMAL(38,4) AS packaging_amount_effect,
        count(packaging_amount_closed) + count(packaging_amount_effect) > 0 AS packaging_amount_known,
        sum(other_amount_closed)::DECIMAL(38,4) AS other_amount_closed, sum(other_amount_effect)::DECIMAL(38,4) AS other_amount_effect,
        count(other_amount_closed) + count(other_amount_effect) > 0 AS other_amount_known,
        sum(net_amount_closed)::DECIMAL(38,4) AS net_amount_closed, sum(net_amount_effect)::DECIMAL(38,4) AS net_amount_effect,
        count(net_amount_closed) + count(net_amount_effect) > 0 AS net_amount_known,
        sum(paid_amount_closed)::DECIMAL(38,4) AS paid_amount_closed, sum(paid_amount_effect)::DECIMAL(38,4) AS paid_amount_effect,
        count(paid_amount_closed) + count(paid_amount_effect) > 0 AS paid_amount_known,
        sum(settle_amount_closed)::DECIMAL(38,4) AS settle_amount_closed, sum(settle_amount_effect)::DECIMAL(38,4) AS settle_amount_effect,
        count(settle_amount_closed) + count(settle_amount_effect) > 0 AS settle_amount_known,
        sum(commission_amount_closed)::DECIMAL(38,4) AS commission_amount_closed, sum(commission_amount_effect)::DECIMAL(38,4) AS commission_amount_effect,
        count(commission_amount_closed) + count(commission_amount_effect) > 0 AS commission_amount_known,
        sum(tip_amount_closed)::DECIMAL(38,4) AS tip_amount_closed, sum(tip_amount_effect)::DECIMAL(38,4) AS tip_amount_effect,
        count(tip_amount_closed) + count(tip_amount_effect) > 0 AS tip_amount_known,
        sum(deduction_amount_closed)::DECIMAL(38,4) AS deduction_amount_closed, sum(deduction_amount_effect)::DECIMAL(38,4) AS deduction_amount_effect,
        count(deduction_amount_closed) + count(deduction_amount_effect) > 0 AS deduction_amount_known
    FROM effects
    GROUP BY period, source, account, flow, currency
)
-- An amount that no order of the total has is null.
SELECT
    period, source, account, flow, currency, is_restated,
    orders_closed, orders_effect, orders_closed + orders_effect AS orders_now,
    CASE WHEN gross_amount_known THEN coalesce(gross_amount_closed, 0) END AS gross_amount_closed,
    CASE WHEN gross_amount_known THEN coalesce(gross_amount_effect, 0) END AS gross_amount_effect,
    CASE WHEN gross_amount_known THEN (coalesce(gross_amount_closed, 0) + coalesce(gross_amount_effect, 0))::DECIMAL(38,4) END AS gross_amount_now,
    CASE WHEN discount_amount_known THEN coalesce(discount_amount_closed, 0) END AS discount_amount_closed,
    CASE WHEN discount_amount_known THEN coalesce(discount_amount_effect, 0) END AS discount_amount_effect,
    CASE WHEN discount_amount_known THEN (coalesce(discount_amount_closed, 0) + coalesce(discount_amount_effect, 0))::DECIMAL(38,4) END AS discount_amount_now,
    CASE WHEN goods_amount_known THEN coalesce(goods_amount_closed, 0) END AS goods_amount_closed,
    CASE WHEN goods_amount_known THEN coalesce(goods_amount_effect, 0) END AS goods_amount_effect,
    CASE WHEN goods_amount_known THEN (coalesce(goods_amount_closed, 0) + coalesce(goods_amount_effect, 0))::DECIMAL(38,4) END AS goods_amount_now,
    CASE WHEN freight_amount_known THEN coalesce(freight_amount_closed, 0) END AS freight_amount_closed,
    CASE WHEN freight_amount_known THEN coalesce(freight_amount_effect, 0) END AS freight_amount_effect,
    CASE WHEN freight_amount_known THEN (coalesce(freight_amount_closed, 0) + coalesce(freight_amount_effect, 0))::DECIMAL(38,4) END AS freight_amount_now,
    CASE WHEN packaging_amount_known THEN coalesce(packaging_amount_closed, 0) END AS packaging_amount_closed,
    CASE WHEN packaging_amount_known THEN coalesce(packaging_amount_effect, 0) END AS packaging_amount_effect,
    CASE WHEN packaging_amount_known THEN (coalesce(packaging_amount_closed, 0) + coalesce(packaging_amount_effect, 0))::DECIMAL(38,4) END AS packaging_amount_now,
    CASE WHEN other_amount_known THEN coalesce(other_amount_closed, 0) END AS other_amount_closed,
    CASE WHEN other_amount_known THEN coalesce(other_amount_effect, 0) END AS other_amount_effect,
    CASE WHEN other_amount_known THEN (coalesce(other_amount_closed, 0) + coalesce(other_amount_effect, 0))::DECIMAL(38,4) END AS other_amount_now,
    CASE WHEN net_amount_known THEN coalesce(net_amount_closed, 0) END AS net_amount_closed,
    CASE WHEN net_amount_known THEN coalesce(net_amount_effect, 0) END AS net_amount_effect,
    CASE WHEN net_amount_known THEN (coalesce(net_amount_closed, 0) + coalesce(net_amount_effect, 0))::DECIMAL(38,4) END AS net_amount_now,
    CASE WHEN paid_amount_known THEN coalesce(paid_amount_closed, 0) END AS paid_amount_closed,
    CASE WHEN paid_amount_known THEN coalesce(paid_amount_effect, 0) END AS paid_amount_effect,
    CASE WHEN paid_amount_known THEN (coalesce(paid_amount_closed, 0) + coalesce(paid_amount_effect, 0))::DECIMAL(38,4) END AS paid_amount_now,
    CASE WHEN settle_amount_known THEN coalesce(settle_amount_closed, 0) END AS settle_amount_closed,
    CASE WHEN settle_amount_known THEN coalesce(settle_amount_effect, 0) END AS settle_amount_effect,
    CASE WHEN settle_amount_known THEN (coalesce(settle_amount_closed, 0) + coalesce(settle_amount_effect, 0))::DECIMAL(38,4) END AS settle_amount_now,
    CASE WHEN commission_amount_known THEN coalesce(commission_amount_closed, 0) END AS commission_amount_closed,
    CASE WHEN commission_amount_known THEN coalesce(commission_amount_effect, 0) END AS commission_amount_effect,
    CASE WHEN commission_amount_known THEN (coalesce(commission_amount_closed, 0) + coalesce(commission_amount_effect, 0))::DECIMAL(38,4) END AS commission_amount_now,
    CASE WHEN tip_amount_known THEN coalesce(tip_amount_closed, 0) END AS tip_amount_closed,
    CASE WHEN tip_amount_known THEN coalesce(tip_amount_effect, 0) END AS tip_amount_effect,
    CASE WHEN tip_amount_known THEN (coalesce(tip_amount_closed, 0) + coalesce(tip_amount_effect, 0))::DECIMAL(38,4) END AS tip_amount_now,
    CASE WHEN deduction_amount_known THEN coalesce(deduction_amount_closed, 0) END AS deduction_amount_closed,
    CASE WHEN deduction_amount_known THEN coalesce(deduction_amount_effect, 0) END AS deduction_amount_effect,
    CASE WHEN deduction_amount_known THEN (coalesce(deduction_amount_closed, 0) + coalesce(deduction_amount_effect, 0))::DECIMAL(38,4) END AS deduction_amount_now
FROM totals
