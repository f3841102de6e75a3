-- macro: restatements()
-- gives: a table: what has moved in the periods that are closed, one row for each order whose
--   figures in a closed period are no longer those of the close. The figures are the
--   status, the amounts with flow and currency, the business date, and that the order
--   exists. What was known at the close is orders_as_of(closed_at), what is known now the
--   version without an end. changed_columns names the figures that differ, parted by ", "

-- Only an order with a version that ended after the close, or began after it, can
-- have moved. A period is a month: the join by it is what makes this fast.
WITH moved AS (
    SELECT c.period, c.date_from, c.date_to, c.closed_at, v.source, v.account, v.order_id
    FROM closed_periods() c
    JOIN audit.order_versions v
        ON date_trunc('month', v.business_date) = c.date_from AND v.deleted_at IS NULL
        AND (
            (v.valid_from <= c.closed_at AND v.valid_to > c.closed_at)
            OR (v.valid_from > c.closed_at AND v.valid_to IS NULL)
        )
    GROUP BY c.period, c.date_from, c.date_to, c.closed_at, v.source, v.account, v.order_id
),
found AS (
    SELECT
        m.period, m.date_from, m.date_to, m.closed_at, m.source, m.account, m.order_id,
        min(v.valid_from) FILTER (WHERE v.valid_from > m.closed_at) AS changed_at,
        -- Whether the settings of the account changed it since, the source, or both.
        CASE
            WHEN bool_and(v.cause IS NOT NULL) FILTER (WHERE v.valid_from > m.closed_at) THEN 'configuration'
            WHEN bool_or(v.cause IS NOT NULL) FILTER (WHERE v.valid_from > m.closed_at) THEN 'both'
            ELSE 'source'
        END AS cause
    FROM moved m
    JOIN audit.order_versions v ON v.source = m.source AND v.account = m.account AND v.order_id = m.order_id
    GROUP BY m.period, m.date_from, m.date_to, m.closed_at, m.source, m.account, m.order_id
),
-- The order at the close beside the order now. What does not exist has no figures.
sides AS (
    SELECT
        f.period, f.closed_at, f.source, f.account, f.order_id, f.changed_at, f.cause,
        -- Whether the order counts in the period.
        coalesce(b.deleted_at IS NULL AND b.business_date BETWEEN f.date_from AND f.date_to, false) AS counted,
        coalesce(a.deleted_at IS NULL AND a.business_date BETWEEN f.date_from AND f.date_to, false) AS counts,
        b.order_id IS NOT NULL AS was_known, b.deleted_at AS deleted_before, a.deleted_at AS deleted_after,
        coalesce(a.order_no, b.order_no) AS order_no,
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
    FROM found f
    LEFT JOIN audit.order_versions b ON b.source = f.source AND b.account = f.account AND b.order_id = f.order_id
        AND b.valid_from <= f.closed_at AND (b.valid_to IS NULL OR b.valid_to > f.closed_at)
    LEFT JOIN audit.order_versions a ON a.source = f.source AND a.account = f.account AND a.order_id = f.order_id
        AND a.valid_to IS NULL
),
compared AS (
    SELECT *,
        CASE
            WHEN NOT was_known THEN 'late'
            WHEN counted AND deleted_after IS NOT NULL THEN 'deleted'
            WHEN counted AND NOT counts THEN 'moved_out'
            WHEN counts AND deleted_before IS NOT NULL THEN 'reappeared'
            WHEN counts AND NOT counted THEN 'moved_in'
            ELSE 'changed'
        END AS change,
        NOT (counted AND counts AND (flow_before IS DISTINCT FROM flow_after OR currency_before IS DISTINCT FROM currency_after)) AS one_total
    FROM sides
    WHERE counted OR counts
)
SELECT
    period, source, account, order_id, order_no, change, cause, changed_at, closed_at, counted, counts,
    -- The figures that differ.
    concat_ws(', ',
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
        CASE WHEN deduction_amount_before IS DISTINCT FROM deduction_amount_after THEN 'deduction_amount' END) AS changed_columns,
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
FROM compared
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
    OR deduction_amount_before IS DISTINCT FROM deduction_amount_after
