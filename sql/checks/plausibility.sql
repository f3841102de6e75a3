-- rule: plausibility
-- severity: error
-- title.en: Plausibility
-- title.zh: 合理性
-- compares.en: each order with what can be: 1 no negative and 2 no missing amounts, 3 finished, canceled or departed after it began, 4 nothing in the future, 5 a known status, 6 one known currency (all sources)
-- compares.zh: 各订单是否合理：1 金额不为负，2 金额不缺失，3 完成、取消、离店不早于开始，4 时间不在未来，5 状态已知，6 币种已知且一致（所有来源）
-- tolerance: 0
-- explain.negative.en: amounts below zero: {fields}; the lowest is {actual}
-- explain.negative.zh: 金额为负：{fields}；最低为{actual}
-- explain.missing.en: the source does not state an amount that it owes: {fields}
-- explain.missing.zh: 来源应给出而未给出的金额：{fields}
-- explain.backwards.en: it ends before it begins: {fields}
-- explain.backwards.zh: 结束早于开始：{fields}
-- explain.future.en: it lies in the future of the night: {fields}
-- explain.future.zh: 时间晚于夜审时刻：{fields}
-- explain.status.en: a status that the source's document does not name: {fields}
-- explain.status.zh: 来源文档中没有的状态：{fields}
-- explain.currency.en: amounts whose currency is not known or not that of the order: {fields}
-- explain.currency.zh: 币种未知或与订单币种不一致的金额：{fields}

-- line_no is the number of the comparison; all fields of an order that are at
-- fault in one way are one break. Instants are written in the run's time zone.
--
-- Owed are the amounts that the vendor's document requires (SOMS interface
-- document, 2.40, 2.50, 2.95, 2.96) or that there is no order without: of tuya where
-- goods or dishes were ordered, of starhotel always. The courier's fees stand
-- in the register, which need not hold every order: they are not owed.
WITH clock AS (
    SELECT recorded_at, zone FROM recon_run
),
-- Most orders have nothing negative: the names are written for the others.
negative_part AS (
    SELECT source, account, order_id, 0 AS part,
        least(gross_amount, discount_amount, goods_amount, freight_amount, packaging_amount, other_amount, net_amount,
            paid_amount, settle_amount, commission_amount, tip_amount, deduction_amount) AS lowest,
        concat_ws(', ',
            CASE WHEN gross_amount < 0 THEN 'gross_amount' END, CASE WHEN discount_amount < 0 THEN 'discount_amount' END,
            CASE WHEN goods_amount < 0 THEN 'goods_amount' END, CASE WHEN freight_amount < 0 THEN 'freight_amount' END,
            CASE WHEN packaging_amount < 0 THEN 'packaging_amount' END, CASE WHEN other_amount < 0 THEN 'other_amount' END,
            CASE WHEN net_amount < 0 THEN 'net_amount' END, CASE WHEN paid_amount < 0 THEN 'paid_amount' END,
            CASE WHEN settle_amount < 0 THEN 'settle_amount' END, CASE WHEN commission_amount < 0 THEN 'commission_amount' END,
            CASE WHEN tip_amount < 0 THEN 'tip_amount' END, CASE WHEN deduction_amount < 0 THEN 'deduction_amount' END) AS field
    FROM orders
    WHERE least(gross_amount, discount_amount, goods_amount, freight_amount, packaging_amount, other_amount, net_amount,
            paid_amount, settle_amount, commission_amount, tip_amount, deduction_amount) < 0
    UNION ALL
    SELECT source, account, order_id, line_no, least(total_amount, pay_amount),
        concat_ws(', ',
            CASE WHEN total_amount < 0 THEN 'order_items.total_amount #' || line_no END,
            CASE WHEN pay_amount < 0 THEN 'order_items.pay_amount #' || line_no END)
    FROM order_items
    WHERE total_amount < 0 OR pay_amount < 0
    UNION ALL
    SELECT source, account, order_id, line_no, amount, 'payments.amount #' || line_no
    FROM payments
    WHERE amount < 0
    UNION ALL
    SELECT source, account, order_id, 0, least(room_amount, consumption_amount, total_amount),
        concat_ws(', ',
            CASE WHEN room_amount < 0 THEN 'stays.room_amount #' || stay_id END,
            CASE WHEN consumption_amount < 0 THEN 'stays.consumption_amount #' || stay_id END,
            CASE WHEN total_amount < 0 THEN 'stays.total_amount #' || stay_id END)
    FROM stays
    WHERE room_amount < 0 OR consumption_amount < 0 OR total_amount < 0
    UNION ALL
    SELECT source, account, order_id, 0, fee_amount, 'deliveries.fee_amount #' || delivery_id
    FROM deliveries
    WHERE fee_amount < 0 AND source = 'soms'
),
missing_part AS (
    SELECT source, account, order_id, 0 AS part,
        concat_ws(', ',
            CASE WHEN net_amount IS NULL THEN 'net_amount' END,
            CASE WHEN source = 'soms' AND goods_amount IS NULL THEN 'goods_amount' END,
            CASE WHEN source = 'soms' AND freight_amount IS NULL THEN 'freight_amount' END,
            CASE WHEN source = 'soms' AND packaging_amount IS NULL THEN 'packaging_amount' END,
            CASE WHEN source = 'starhotel' AND paid_amount IS NULL THEN 'paid_amount' END) AS field
    FROM orders
    WHERE CASE source
        WHEN 'soms' THEN net_amount IS NULL OR goods_amount IS NULL OR freight_amount IS NULL OR packaging_amount IS NULL
        WHEN 'starhotel' THEN net_amount IS NULL OR paid_amount IS NULL
        WHEN 'tuya' THEN net_amount IS NULL AND kind IN ('commodity', 'room_service')
    END
    UNION ALL
    SELECT source, account, order_id, line_no,
        concat_ws(', ',
            CASE WHEN total_amount IS NULL THEN 'order_items.total_amount #' || line_no END,
            CASE WHEN source = 'soms' AND discount_amount IS NULL THEN 'order_items.discount_amount #' || line_no END,
            CASE WHEN source = 'soms' AND apportioned_discount_amount IS NULL THEN 'order_items.apportioned_discount_amount #' || line_no END,
            CASE WHEN source = 'soms' AND pay_amount IS NULL THEN 'order_items.pay_amount #' || line_no END)
    FROM order_items
    WHERE total_amount IS NULL
        OR source = 'soms' AND (discount_amount IS NULL OR apportioned_discount_amount IS NULL OR pay_amount IS NULL)
    UNION ALL
    SELECT source, account, order_id, line_no, 'payments.amount #' || line_no
    FROM payments
    WHERE amount IS NULL
    UNION ALL
    SELECT source, account, order_id, 0,
        concat_ws(', ',
            CASE WHEN room_amount IS NULL THEN 'stays.room_amount #' || stay_id END,
            CASE WHEN total_amount IS NULL THEN 'stays.total_amount #' || stay_id END)
    FROM stays
    WHERE source = 'starhotel' AND (room_amount IS NULL OR total_amount IS NULL)
),
backwards_part AS (
    SELECT source, account, order_id,
        concat_ws(', ',
            CASE WHEN finished_at < created_at THEN 'finished_at ' || second_text(zone, finished_at) END,
            CASE WHEN canceled_at < created_at THEN 'canceled_at ' || second_text(zone, canceled_at) END,
            'created_at ' || second_text(zone, created_at)) AS field
    FROM orders, clock
    WHERE finished_at < created_at OR canceled_at < created_at
    UNION ALL
    SELECT source, account, order_id,
        'stays.departure_at #' || stay_id || ' ' || second_text(zone, departure_at)
            || ', arrival_at ' || second_text(zone, arrival_at)
    FROM stays, clock
    WHERE departure_at < arrival_at
),
-- Answers are taken for some time after the moment that a night bears.
future_part AS (
    SELECT source, account, order_id,
        concat_ws(', ',
            CASE WHEN created_at > recorded_at + INTERVAL 1 HOUR THEN 'created_at ' || second_text(zone, created_at) END,
            CASE WHEN finished_at > recorded_at + INTERVAL 1 HOUR THEN 'finished_at ' || second_text(zone, finished_at) END,
            CASE WHEN canceled_at > recorded_at + INTERVAL 1 HOUR THEN 'canceled_at ' || second_text(zone, canceled_at) END) AS field
    FROM orders, clock
    WHERE greatest(created_at, finished_at, canceled_at) > recorded_at + INTERVAL 1 HOUR
),
status_part AS (
    SELECT source, account, order_id, 'source_status ' || source_status AS field
    FROM orders
    WHERE status IS NULL AND source_status IS NOT NULL
    UNION ALL
    SELECT source, account, order_id, 'stays.source_status #' || stay_id || ' ' || source_status
    FROM stays
    WHERE status IS NULL AND source_status IS NOT NULL AND source = 'starhotel'
    UNION ALL
    SELECT source, account, order_id, 'deliveries.source_status #' || delivery_id || ' ' || source_status
    FROM deliveries
    WHERE status IS NULL AND source_status IS NOT NULL AND source = 'soms'
),
currency_part AS (
    SELECT source, account, order_id, 0 AS part, 'currency ' || coalesce(currency, '–') AS field
    FROM orders
    WHERE coalesce(gross_amount, net_amount, paid_amount) IS NOT NULL
        AND NOT coalesce(currency IN (SELECT code FROM recon_currencies), false)
    UNION ALL
    SELECT i.source, i.account, i.order_id, i.line_no, 'order_items.currency #' || i.line_no || ' ' || coalesce(i.currency, '–')
    FROM order_items i
    JOIN orders o USING (source, account, order_id)
    WHERE i.currency IS DISTINCT FROM o.currency AND coalesce(i.total_amount, i.pay_amount) IS NOT NULL
),
found AS (
    SELECT 1 AS line_no, 'negative' AS variant, 'warning' AS severity, 'amount' AS reason, source, account, order_id,
        min(lowest) AS actual, ordered_text(field, ', ', part NULLS LAST, field NULLS LAST) AS fields
    FROM negative_part GROUP BY ALL
    UNION ALL
    SELECT 2, 'missing', 'error', 'missing_left', source, account, order_id, NULL, ordered_text(field, ', ', part NULLS LAST, field NULLS LAST)
    FROM missing_part GROUP BY ALL
    UNION ALL
    SELECT 3, 'backwards', 'warning', 'status', source, account, order_id, NULL, ordered_text(field, ', ', field NULLS LAST)
    FROM backwards_part GROUP BY ALL
    UNION ALL
    SELECT 4, 'future', 'warning', 'status', source, account, order_id, NULL, ordered_text(field, ', ', field NULLS LAST)
    FROM future_part GROUP BY ALL
    UNION ALL
    SELECT 5, 'status', 'warning', 'status', source, account, order_id, NULL, ordered_text(field, ', ', field NULLS LAST)
    FROM status_part GROUP BY ALL
    UNION ALL
    SELECT 6, 'currency', 'error', 'amount', source, account, order_id, NULL, ordered_text(field, ', ', part NULLS LAST, field NULLS LAST)
    FROM currency_part GROUP BY ALL
)
SELECT
    f.source, f.account, f.order_id, f.line_no, o.business_date,
    CASE WHEN f.actual IS NOT NULL THEN 0::DECIMAL(18,4) END AS expected,
    f.actual,
    o.currency,
    f.reason, f.variant, f.severity,
    o.kind, o.status, f.fields
FROM found f
JOIN orders o USING (source, account, order_id)
