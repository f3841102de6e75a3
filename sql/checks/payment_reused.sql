-- rule: payment_reused
-- severity: error
-- title.en: Payment used twice
-- title.zh: 收款重复使用
-- compares.en: numbers of payments: each pays one order, but for reissues and the parts of a split order (soms)
-- compares.zh: 支付流水号及外部支付单号：除补发单及拆单外只应用于一张订单（soms）
-- tolerance: 0
-- explain.both.en: payment {number} of {actual} (line {line_no}, {method_name}) pays this order too: before it paid order {right_order_id} with {first_amount}
-- explain.both.zh: 第{line_no}笔收款（{method_name}）{actual}的支付单号{number}已用于订单{right_order_id}（{first_amount}），属重复使用
-- explain.canceled.en: payment {number} of {actual} (line {line_no}, {method_name}) stands here ({status}) and before in order {right_order_id} with {first_amount} ({first_status})
-- explain.canceled.zh: 第{line_no}笔收款（{method_name}）{actual}的支付单号{number}同时见于本单（{status}）及订单{right_order_id}（{first_amount}，{first_status}）

-- Left is each later order and its payment, right the first that the payment
-- pays; nothing is expected of a payment that is used already, so its amount
-- here is what is paid twice. Both numbers are looked at, the cashier's
-- (flow_no) and that of the means of payment (external_pay_id). Where one of
-- the two orders is called off nothing need be paid twice, and the severity is
-- info.
--
-- Exempt are reissues, and parts of one main order, which share a payment.
WITH numbered AS (
    SELECT
        p.source, p.account, p.order_id, p.line_no, p.method_name, p.amount, p.currency, number.kind, number.text AS number,
        o.business_date, o.order_no, o.status, o.created_at, s.main_order_id,
        standing(o.status, o.refund_status, o.deleted_at) AS standing
    FROM payments p
    CROSS JOIN LATERAL (SELECT 'flow_no', trimmed(p.flow_no) UNION ALL SELECT 'external_pay_id', trimmed(p.external_pay_id)) number(kind, text)
    JOIN orders o USING (source, account, order_id)
    LEFT JOIN settlements s USING (source, account, order_id)
    WHERE number.text <> '' AND NOT is_reissue(s.reissue_reason, s.order_type)
),
shared AS (
    SELECT * FROM (
        SELECT *, min(account || chr(31) || order_id) OVER numbers AS first_of, max(account || chr(31) || order_id) OVER numbers AS last_of
        FROM numbered
        WINDOW numbers AS (PARTITION BY source, kind, number)
    ) n
    WHERE first_of <> last_of
),
pair AS (
    SELECT
        b.*, a.account AS right_account, a.order_id AS right_order_id, a.amount AS first_amount, a.status AS first_status,
        a.standing = 'live' AND b.standing = 'live' AS is_live,
        row_number() OVER (
            PARTITION BY b.source, b.account, b.order_id, b.line_no
            ORDER BY a.created_at NULLS FIRST, a.account NULLS LAST, a.order_id NULLS LAST, a.line_no NULLS LAST, a.kind NULLS LAST
        ) AS nth
    FROM shared b
    JOIN shared a
        ON a.source = b.source AND a.kind = b.kind AND a.number = b.number
        AND (coalesce(a.created_at, before_all()), a.account, a.order_id) < (coalesce(b.created_at, before_all()), b.account, b.order_id)
    WHERE NOT (a.account = b.account AND is_split(a.main_order_id, a.order_no, b.main_order_id, b.order_no))
)
SELECT
    source, account, order_id, line_no, business_date,
    source AS right_source, right_account, right_order_id,
    NULL::DECIMAL(18,4) AS expected, amount AS actual, currency,
    'duplicate' AS reason,
    CASE WHEN is_live THEN 'both' ELSE 'canceled' END AS variant,
    CASE WHEN is_live THEN 'error' ELSE 'info' END AS severity,
    kind AS number_kind, number, method_name, order_no, status, first_amount, first_status
FROM pair
WHERE nth = 1
