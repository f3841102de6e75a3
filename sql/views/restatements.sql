-- What has moved in the periods that are closed: one row for each order whose
-- figures in a closed period are no longer those of the close. The figures are
-- the status, the amounts with flow and currency, the business date, and that
-- the order exists. What was known at the close is orders_as_of(closed_at),
-- what is known now the version without an end.
CREATE OR REPLACE VIEW main.restatements AS
WITH moved AS (
    -- Only an order with a version that ended after the close, or began after
    -- it, can have moved. A period is a month: the join by it is what makes
    -- this fast.
    SELECT c.period, c.date_from, c.date_to, c.closed_at, v.source, v.account, v.order_id
    FROM audit.closed_periods c
    JOIN audit.order_versions v
        ON date_trunc('month', v.business_date) = c.date_from AND v.deleted_at IS NULL
        AND (
            (v.valid_from <= c.closed_at AND v.valid_to > c.closed_at)
            OR (v.valid_from > c.closed_at AND v.valid_to IS NULL)
        )
    GROUP BY ALL
),
versions AS (
    SELECT m.period, m.date_from, m.date_to, m.closed_at, v
    FROM moved m
    JOIN (
        SELECT source, account, order_id, order_no, valid_from, valid_to, cause, deleted_at, business_date, status, flow, currency,
            gross_amount, discount_amount, goods_amount, freight_amount, packaging_amount, other_amount,
            net_amount, paid_amount, settle_amount, commission_amount, tip_amount, deduction_amount
        FROM audit.order_versions
    ) v ON v.source = m.source AND v.account = m.account AND v.order_id = m.order_id
),
found AS (
    SELECT
        period, date_from, date_to, closed_at, v.source AS source, v.account AS account, v.order_id AS order_id,
        any_value(v) FILTER (v.valid_from <= closed_at AND (v.valid_to IS NULL OR v.valid_to > closed_at)) AS b,
        any_value(v) FILTER (v.valid_to IS NULL) AS a,
        min(v.valid_from) FILTER (v.valid_from > closed_at) AS changed_at,
        -- Whether the settings of the account changed it since, the source, or both.
        CASE
            WHEN bool_and(v.cause IS NOT NULL) FILTER (v.valid_from > closed_at) THEN 'configuration'
            WHEN bool_or(v.cause IS NOT NULL) FILTER (v.valid_from > closed_at) THEN 'both'
            ELSE 'source'
        END AS cause
    FROM versions
    GROUP BY ALL
),
sides AS (
    SELECT
        *,
        -- Whether the order counts in the period.
        coalesce(b.deleted_at IS NULL AND b.business_date BETWEEN date_from AND date_to, false) AS counted,
        coalesce(a.deleted_at IS NULL AND a.business_date BETWEEN date_from AND date_to, false) AS counts
    FROM found
),
compared AS (
    SELECT
        period, closed_at, source, account, order_id, counted, counts, changed_at, cause,
        coalesce(a.order_no, b.order_no) AS order_no,
        CASE
            WHEN b.order_id IS NULL THEN 'late'
            WHEN counted AND a.deleted_at IS NOT NULL THEN 'deleted'
            WHEN counted AND NOT counts THEN 'moved_out'
            WHEN counts AND b.deleted_at IS NOT NULL THEN 'reappeared'
            WHEN counts AND NOT counted THEN 'moved_in'
            ELSE 'changed'
        END AS change,
        -- What does not exist has no figures.
        CASE WHEN b.deleted_at IS NULL THEN b.status END AS status_before,
        CASE WHEN a.deleted_at IS NULL THEN a.status END AS status_after,
        CASE WHEN b.deleted_at IS NULL THEN b.business_date END AS business_date_before,
        CASE WHEN a.deleted_at IS NULL THEN a.business_date END AS business_date_after,
        CASE WHEN b.deleted_at IS NULL THEN b.flow END AS flow_before,
        CASE WHEN a.deleted_at IS NULL THEN a.flow END AS flow_after,
        CASE WHEN b.deleted_at IS NULL THEN b.currency END AS currency_before,
        CASE WHEN a.deleted_at IS NULL THEN a.currency END AS currency_after,
        CASE WHEN b.deleted_at IS NULL THEN b.gross_amount END AS gross_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.gross_amount END AS gross_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.discount_amount END AS discount_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.discount_amount END AS discount_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.goods_amount END AS goods_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.goods_amount END AS goods_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.freight_amount END AS freight_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.freight_amount END AS freight_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.packaging_amount END AS packaging_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.packaging_amount END AS packaging_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.other_amount END AS other_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.other_amount END AS other_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.net_amount END AS net_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.net_amount END AS net_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.paid_amount END AS paid_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.paid_amount END AS paid_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.settle_amount END AS settle_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.settle_amount END AS settle_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.commission_amount END AS commission_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.commission_amount END AS commission_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.tip_amount END AS tip_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.tip_amount END AS tip_amount_after,
        CASE WHEN b.deleted_at IS NULL THEN b.deduction_amount END AS deduction_amount_before,
        CASE WHEN a.deleted_at IS NULL THEN a.deduction_amount END AS deduction_amount_after
    FROM sides
    WHERE counted OR counts
)
SELECT
    period, source, account, order_id, order_no, change, cause, changed_at, closed_at, counted, counts,
    -- The figures that differ.
    list_filter([
        CASE WHEN status_before IS DISTINCT FROM status_after THEN 'status' END,
        CASE WHEN business_date_before IS DISTINCT FROM business_date_after THEN 'business_date' END,
        CASE WHEN flow_before IS DISTINCT FROM flow_after THEN 'flow' END,
        CASE WHEN currency_before IS DISTINCT FROM currency_after THEN 'currency' END,
        CASE WHEN gross_amount_before IS DISTINCT FROM gross_amount_after THEN 'gross_amount' END,
        CASE WHEN discount_amount_before IS DISTINCT FROM discount_amount_after THEN 'discount_amount' END,
        CASE WHEN goods_amount_before IS DISTINCT FROM goods_amount_after THEN 'goods_amount' END,
        CASE WHEN freight_amount_before IS DISTINCT FROM freight_amount_after THEN 'freight_amount' END,
        CASE WHEN packaging_amount_before IS DISTINCT FROM packaging_amount_after THEN 'packaging_amount' END,
        CASE WHEN other_amount_before IS DISTINCT FROM other_amount_after THEN 'other_amount' END,
        CASE WHEN net_amount_before IS DISTINCT FROM net_amount_after THEN 'net_amount' END,
        CASE WHEN paid_amount_before IS DISTINCT FROM paid_amount_after THEN 'paid_amount' END,
        CASE WHEN settle_amount_before IS DISTINCT FROM settle_amount_after THEN 'settle_amount' END,
        CASE WHEN commission_amount_before IS DISTINCT FROM commission_amount_after THEN 'commission_amount' END,
        CASE WHEN tip_amount_before IS DISTINCT FROM tip_amount_after THEN 'tip_amount' END,
        CASE WHEN deduction_amount_before IS DISTINCT FROM deduction_amount_after THEN 'deduction_amount' END
    ], lambda figure: figure IS NOT NULL) AS changed_columns,
    status_before, status_after,
    business_date_before, business_date_after,
    flow_before, flow_after,
    currency_before, currency_after,
    -- The effect on the period's total of an amount; null where the order does
    -- not have it, and where its currency or flow changed as well, for two
    -- totals move then (restatement_totals has both).
    gross_amount_before, gross_amount_after,
    CASE WHEN one_total AND coalesce(gross_amount_before, gross_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(gross_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(gross_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS gross_amount_effect,
    discount_amount_before, discount_amount_after,
    CASE WHEN one_total AND coalesce(discount_amount_before, discount_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(discount_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(discount_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS discount_amount_effect,
    goods_amount_before, goods_amount_after,
    CASE WHEN one_total AND coalesce(goods_amount_before, goods_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(goods_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(goods_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS goods_amount_effect,
    freight_amount_before, freight_amount_after,
    CASE WHEN one_total AND coalesce(freight_amount_before, freight_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(freight_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(freight_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS freight_amount_effect,
    packaging_amount_before, packaging_amount_after,
    CASE WHEN one_total AND coalesce(packaging_amount_before, packaging_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(packaging_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(packaging_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS packaging_amount_effect,
    other_amount_before, other_amount_after,
    CASE WHEN one_total AND coalesce(other_amount_before, other_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(other_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(other_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS other_amount_effect,
    net_amount_before, net_amount_after,
    CASE WHEN one_total AND coalesce(net_amount_before, net_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(net_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(net_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS net_amount_effect,
    paid_amount_before, paid_amount_after,
    CASE WHEN one_total AND coalesce(paid_amount_before, paid_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(paid_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(paid_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS paid_amount_effect,
    settle_amount_before, settle_amount_after,
    CASE WHEN one_total AND coalesce(settle_amount_before, settle_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(settle_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(settle_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS settle_amount_effect,
    commission_amount_before, commission_amount_after,
    CASE WHEN one_total AND coalesce(commission_amount_before, commission_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(commission_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(commission_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS commission_amount_effect,
    tip_amount_before, tip_amount_after,
    CASE WHEN one_total AND coalesce(tip_amount_before, tip_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(tip_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(tip_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS tip_amount_effect,
    deduction_amount_before, deduction_amount_after,
    CASE WHEN one_total AND coalesce(deduction_amount_before, deduction_amount_after) IS NOT NULL
        THEN (CASE WHEN counts THEN coalesce(deduction_amount_after, 0) ELSE 0 END - CASE WHEN counted THEN coalesce(deduction_amount_before, 0) ELSE 0 END)::DECIMAL(18,4) END AS deduction_amount_effect
FROM (
    SELECT *, NOT (counted AND counts AND (flow_before IS DISTINCT FROM flow_after OR currency_before IS DISTINCT FROM currency_after)) AS one_total
    FROM compared
)
WHERE counted <> counts
    OR status_before IS DISTINCT FROM status_after
    OR business_date_before IS DISTINCT FROM business_date_after
    OR flow_before IS DISTINCT FROM flow_after
    OR currency_before IS DISTINCT FROM currency_after
    OR gross_amount_before IS DISTINCT FROM gross_amount_after
    OR discount_amount_before IS DISTINCT FROM discount_amount_after
    OR goods_amount_before IS DISTINCT FROM goods_amount_after
    OR freight_amount_before IS DISTINCT FROM freight_amount_after
    OR packaging_amount_before IS DISTINCT FROM packaging_amount_after
    OR other_amount_before IS DISTINCT FROM other_amount_after
    OR net_amount_before IS DISTINCT FROM net_amount_after
    OR paid_amount_before IS DISTINCT FROM paid_amount_after
    OR settle_amount_before IS DISTINCT FROM settle_amount_after
    OR commission_amount_before IS DISTINCT FROM commission_amount_after
    OR tip_amount_before IS DISTINCT FROM tip_amount_after
    OR deduction_amount_before IS DISTINCT FROM deduction_amount_after;

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

-- The totals of the closed periods, by source, account, flow and currency: as
-- closed, what the restatements make of them, and what they are now.
CREATE OR REPLACE VIEW main.restatement_totals AS
WITH effects AS (
    -- A restated order leaves the totals with the figures of the close and
    -- comes into them with those of now.
    SELECT period, source, account, flow_before AS flow, currency_before AS currency,
        0 AS orders_closed, -1 AS orders_effect,
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
    FROM main.restatements WHERE counted
    UNION ALL
    SELECT period, source, account, flow_after AS flow, currency_after AS currency,
        0 AS orders_closed, 1 AS orders_effect,
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
    FROM main.restatements WHERE counts
    UNION ALL
    SELECT period, source, account, flow, currency,
        orders, 0,
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
    WHERE entry_id IN (SELECT entry_id FROM audit.closed_periods)
),
totals AS (
    SELECT period, source, account, flow, currency,
        sum(orders_closed)::BIGINT AS orders_closed, sum(orders_effect)::BIGINT AS orders_effect,
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
    period, source, account, flow, currency,
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
FROM totals;
