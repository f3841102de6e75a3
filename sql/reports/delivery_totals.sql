-- name: delivery_totals
-- title.en: Delivery by courier
-- title.zh: 配送费合计
-- description.en: The database's own sums of what the couriers charged and of the freight on the shop's waybills, by courier and currency. The two are compared and never added up.
-- description.zh: 数据库对配送商费用及店铺运单运费的直接合计，按配送商和币种；两者只核对，不相加。
-- table: main.orders
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.courier_orders: Courier orders
-- label.zh.courier_orders: 配送单数
-- label.en.fee_amount: Courier fee
-- label.zh.fee_amount: 配送费
-- label.en.cost_amount: Cost
-- label.zh.cost_amount: 成本
-- label.en.freight_amount: Freight on waybills
-- label.zh.freight_amount: 运单运费
WITH dated AS (
    -- The day of the first shop order that claims it, else its own.
    SELECT c.source, c.account, c.order_id,
        coalesce(first_by(o.business_date, (l.source, l.account, l.order_id)), min(c.business_date)) AS business_date
    FROM main.orders c
    LEFT JOIN recon.links l ON l.rule = 'courier' AND l.right_source = c.source AND l.right_account = c.account AND l.right_order_id = c.order_id
    LEFT JOIN main.orders o ON o.source = l.source AND o.account = l.account AND o.order_id = l.order_id AND o.deleted_at IS NULL
    WHERE c.flow = 'cost' AND c.kind = 'delivery' AND c.deleted_at IS NULL
    GROUP BY c.source, c.account, c.order_id
),
side AS (
    SELECT source, account, currency, 1 AS courier_orders,
        CASE WHEN standing = 'live' THEN net_amount END AS fee_amount,
        CASE WHEN standing = 'live' THEN tip_amount END AS tip_amount,
        CASE WHEN standing <> 'live' THEN deduction_amount END AS deduction_amount,
        cost_amount,
        NULL::DECIMAL(18,4) AS freight_amount
    FROM (
        SELECT c.*
        FROM classified_orders() c
        JOIN dated d USING (source, account, order_id)
        WHERE d.business_date BETWEEN $date_from::DATE AND $date_to::DATE
    )
    UNION ALL
    SELECT s.source, s.account, o.currency, 0, NULL, NULL, NULL, NULL, d.fee_amount
    FROM (SELECT DISTINCT source, account, shop_source, shop_account, carrier FROM recon.couriers) s
    JOIN main.deliveries d ON d.source = s.shop_source AND d.account = s.shop_account AND d.carrier = s.carrier
    JOIN main.orders o ON o.source = d.source AND o.account = d.account AND o.order_id = d.order_id
    WHERE o.deleted_at IS NULL
      AND o.business_date BETWEEN $date_from::DATE AND $date_to::DATE
      AND (
          EXISTS (
              SELECT 1 FROM recon.links l
              JOIN main.orders c ON c.source = l.right_source AND c.account = l.right_account AND c.order_id = l.right_order_id
              WHERE l.rule = 'courier' AND c.deleted_at IS NULL AND l.right_source = s.source AND l.right_account = s.account
                  AND l.source = o.source AND l.account = o.account AND l.order_id = o.order_id
          )
          OR o.status IS DISTINCT FROM 'canceled' AND EXISTS (
              SELECT 1 FROM main.deliveries w
              JOIN recon.couriers k ON k.shop_source = w.source AND k.shop_account = w.account AND k.carrier = w.carrier
              WHERE k.source = s.source AND k.account = s.account AND w.source = o.source AND w.account = o.account AND w.order_id = o.order_id
                  AND (w.status IN ('confirmed', 'in_progress', 'completed') OR w.status IS NULL AND w.waybill_no IS NOT NULL)
          )
      )
)
SELECT
    source,
    account,
    currency,
    sum(courier_orders)::BIGINT AS courier_orders,
    coalesce(sum(fee_amount), 0) AS fee_amount,
    coalesce(sum(tip_amount), 0) AS tip_amount,
    coalesce(sum(deduction_amount), 0) AS deduction_amount,
    coalesce(sum(cost_amount), 0) AS cost_amount,
    coalesce(sum(freight_amount), 0) AS freight_amount
FROM side
GROUP BY source, account, currency
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST
