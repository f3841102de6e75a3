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
-- The versions of these orders: which was known at the close, which is known now. What
-- is deleted has no figures.
versions AS (
    SELECT
        m.period, m.date_from, m.date_to, m.closed_at, v.*,
        v.valid_from > m.closed_at AS is_later,
        v.valid_from <= m.closed_at AND (v.valid_to IS NULL OR v.valid_to > m.closed_at) AS is_before,
        v.valid_from <= m.closed_at AND (v.valid_to IS NULL OR v.valid_to > m.closed_at) AND v.deleted_at IS NULL AS exists_before,
        v.valid_to IS NULL AND v.deleted_at IS NULL AS exists_after
    FROM moved m
    JOIN audit.order_versions v ON v.source = m.source AND v.account = m.account AND v.order_id = m.order_id
),
-- The order at the close beside the order now: of each there is one version at most, which
-- is why any aggregate gives its figures.
sides AS (
    SELECT
        period, date_from, date_to, closed_at, source, account, order_id,
        min(valid_from) FILTER (WHERE is_later) AS changed_at,
        -- Whether the settings of the account changed it since, the source, or both.
        CASE
            WHEN bool_and(cause IS NOT NULL) FILTER (WHERE is_later) THEN 'configuration'
            WHEN bool_or(cause IS NOT NULL) FILTER (WHERE is_later) THEN 'both'
            ELSE 'source'
        END AS cause,
        bool_or(is_before) AS was_known,
        min(deleted_at) FILTER (WHERE is_before) AS deleted_before, min(deleted_at) FILTER (WHERE valid_to IS NULL) AS deleted_after,
        coalesce(min(order_no) FILTER (WHERE valid_to IS NULL), min(order_no) FILTER (WHERE is_before)) AS order_no,
        min(status) FILTER (WHERE exists_before) AS status_before, min(status) FILTER (WHERE exists_after) AS status_after,
        min(business_date) FILTER (WHERE exists_before) AS business_date_before, min(business_date) FILTER (WHERE exists_after) AS business_date_after,
        min(flow) FILTER (WHERE exists_before) AS flow_before, min(flow) FILTER (WHERE exists_after) AS flow_after,
        min(currency) FILTER (WHERE exists_before) AS currency_before, min(currency) FILTER (WHERE exists_after) AS currency_after,
        min(gross_amount) FILTER (WHERE exists_before) AS gross_amount_before, min(gross_amount) FILTER (WHERE exists_after) AS gross_amount_after,
        min(discount_amount) FILTER (WHERE exists_before) AS discount_amount_before, min(discount_amount) FILTER (WHERE exists_after) AS discount_amount_after,
        min(goods_amount) FILTER (WHERE exists_before) AS goods_amount_before, min(goods_amount) FILTER (WHERE exists_after) AS goods_amount_after,
        min(freight_amount) FILTER (WHERE exists_before) AS freight_amount_before, min(freight_amount) FILTER (WHERE exists_after) AS freight_amount_after,
        min(packaging_amount) FILTER (WHERE exists_before) AS packaging_amount_before, min(packaging_amount) FILTER (WHERE exists_after) AS packaging_amount_after,
        min(other_amount) FILTER (WHERE exists_before) AS other_amount_before, min(other_amount) FILTER (WHERE exists_after) AS other_amount_after,
        min(net_amount) FILTER (WHERE exists_before) AS net_amount_before, min(net_amount) FILTER (WHERE exists_after) AS net_amount_after,
        min(paid_amount) FILTER (WHERE exists_before) AS paid_amount_before, min(paid_amount) FILTER (WHERE exists_after) AS paid_amount_after,
        min(settle_amount) FILTER (WHERE exists_before) AS settle_amount_before, min(settle_amount) FILTER (WHERE exists_after) AS settle_amount_after,
        min(commission_amount) FILTER (WHERE exists_before) AS commission_amount_before, min(commission_amount) FILTER (WHERE exists_after) AS commission_amount_after,
        min(tip_amount) FILTER (WHERE exists_before) AS tip_amount_before, min(tip_amount) FILTER (WHERE exists_after) AS tip_amount_after,
        min(deduction_amount) FILTER (WHERE exists_before) AS deduction_amount_before, min(deduction_amount) FILTER (WHERE exists_after) AS deduction_amount_after
    FROM versions
    GROUP BY period, date_from, date_to, closed_at, source, account, order_id
),
-- Whether the order counted in the period at the close, and whether it does now.
counting AS (
    SELECT *,
        coalesce(business_date_before BETWEEN date_from AND date_to, false) AS counted,
        coalesce(business_date_after BETWEEN date_from AND date_to, false) AS counts
    FROM sides
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
    FROM counting
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
