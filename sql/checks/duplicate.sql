-- rule: duplicate
-- severity: error
-- title.en: Duplicate order
-- title.zh: 重复订单
-- compares.en: shop order numbers of a channel: each stands once, but for reissues and the parts of a split order (soms)
-- compares.zh: 同一渠道的平台订单号：除补发单及拆单外只应出现一次（soms）
-- tolerance: 0
-- explain.both.en: the order number {order_no} of {channel} is taken over twice: here with {actual}, before as order {right_order_id} with {first_amount}
-- explain.both.zh: {channel}的订单号{order_no}重复：本单金额{actual}，此前已有订单{right_order_id}，金额{first_amount}
-- explain.canceled.en: the order number {order_no} of {channel} is taken over twice: here with {actual} ({status}), before as order {right_order_id} with {first_amount} ({first_status})
-- explain.canceled.zh: {channel}的订单号{order_no}重复：本单金额{actual}（{status}），此前已有订单{right_order_id}，金额{first_amount}（{first_status}）

-- Left is each later order, right the first of that number; nothing is
-- expected of a number that is taken already, so the whole amount of the
-- later order is the difference. Where one of the two is canceled nothing is
-- earned twice, and the severity is info.
--
-- Exempt are reissues, and parts of one main order (sql/views/accounting_terms.sql).
WITH numbered AS (
    SELECT
        o.source, o.account, o.order_id, o.business_date, o.currency, o.channel, o.order_no,
        o.net_amount, o.status, o.created_at, s.main_order_id,
        count(*) OVER (PARTITION BY o.source, o.account, o.channel, o.order_no) AS of_number
    FROM orders o
    LEFT JOIN settlements s USING (source, account, order_id)
    WHERE o.source = 'soms'
        AND o.deleted_at IS NULL
        AND o.order_no IS NOT NULL
        AND NOT is_reissue(s.reissue_reason, s.order_type)
),
pair AS (
    SELECT
        b.*, a.order_id AS right_order_id, a.net_amount AS first_amount, a.status AS first_status,
        row_number() OVER (PARTITION BY b.source, b.account, b.order_id ORDER BY a.created_at NULLS FIRST, a.order_id NULLS LAST) AS nth
    FROM numbered b
    JOIN numbered a
        ON a.of_number > 1 AND b.of_number > 1 AND a.source = b.source AND a.account = b.account AND a.order_no = b.order_no
        AND a.channel IS NOT DISTINCT FROM b.channel
        AND (coalesce(a.created_at, before_all()), a.order_id) < (coalesce(b.created_at, before_all()), b.order_id)
    WHERE NOT is_split(a.main_order_id, a.order_no, b.main_order_id, b.order_no)
)
SELECT
    source, account, order_id, business_date,
    source AS right_source, account AS right_account, right_order_id,
    NULL::DECIMAL(18,4) AS expected, net_amount AS actual, currency,
    'duplicate' AS reason,
    CASE WHEN 'canceled' IN (status, first_status) THEN 'canceled' ELSE 'both' END AS variant,
    CASE WHEN 'canceled' IN (status, first_status) THEN 'info' ELSE 'error' END AS severity,
    channel, order_no, status, first_amount, first_status
FROM pair
WHERE nth = 1
