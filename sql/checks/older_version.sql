-- rule: older_version
-- severity: error
-- title.en: Older version
-- title.zh: 版本倒退
-- compares.en: the version that an answer states of an order with the one stated before (sources that state when an order was changed last: soms, starhotel)
-- compares.zh: 应答所载订单版本与此前所载版本（填报最后修改时间的来源：soms、starhotel）
-- tolerance: 0
-- explain.kept.en: on {answered_at} the source went back to its version of {older_at} (net amount {older_net}), although it had stated one of {later_at} ({later_net}); what differs: {fields}; the later one was kept
-- explain.kept.zh: 来源于{answered_at}退回{older_at}的版本（应付金额{older_net}），而此前已有{later_at}的版本（{later_net}）；不同之处：{fields}；保留较新者
-- explain.taken.en: on {answered_at} the source went back to its version of {older_at} (net amount {older_net}), although it had stated one of {later_at} ({later_net}); what differs: {fields}; it says so still, and the older one was taken
-- explain.taken.zh: 来源于{answered_at}退回{older_at}的版本（应付金额{older_net}），而此前已有{later_at}的版本（{later_net}）；不同之处：{fields}；来源坚持如此，已采用较旧者

-- A break of this rule holds for good: that a vendor went back is looked at by a
-- person, whatever the vendor says later. line_no is the version that is older
-- than the one before it, by the vendor's own time of the last change; what the
-- configuration changed is nobody's answer. The courier states no such time: its
-- updated_at is that of the latest event known, and events come in any order.
-- Where only the time went back, and no amount and no status, it is a warning.
WITH steps AS (
    SELECT *,
        lag(updated_at) OVER w AS updated_before,
        lag(net_amount) OVER w AS net_before,
        lag(paid_amount) OVER w AS paid_before,
        lag(status) OVER w AS status_before
    FROM order_versions
    WHERE source <> 'guoxiaodi' AND updated_at IS NOT NULL
    WINDOW w AS (PARTITION BY source, account, order_id ORDER BY version_no NULLS LAST)
),
back AS (
    SELECT s.*, (SELECT zone FROM recon_run) AS zone, o.updated_at AS stands_at, o.business_date AS stands_on,
        concat_ws(', ',
            CASE WHEN s.net_amount IS DISTINCT FROM net_before THEN 'net_amount' END,
            CASE WHEN s.paid_amount IS DISTINCT FROM paid_before THEN 'paid_amount' END,
            CASE WHEN s.status IS DISTINCT FROM status_before THEN 'status' END) AS differs
    FROM steps s
    JOIN orders o USING (source, account, order_id)
    WHERE s.updated_at < updated_before AND s.cause IS NULL
)
SELECT
    source, account, order_id, version_no AS line_no, stands_on AS business_date,
    CASE WHEN net_before IS DISTINCT FROM net_amount THEN net_before END AS expected,
    CASE WHEN net_before IS DISTINCT FROM net_amount THEN net_amount END AS actual,
    currency,
    'older_version' AS reason,
    CASE WHEN stands_at > updated_at THEN 'kept' ELSE 'taken' END AS variant,
    CASE WHEN differs = '' THEN 'warning' ELSE 'error' END AS severity,
    second_text(zone, valid_from) AS answered_at,
    second_text(zone, updated_at) AS older_at,
    second_text(zone, updated_before) AS later_at,
    net_amount AS older_net, net_before AS later_net,
    coalesce(nullif(differs, ''), 'updated_at') AS fields,
    status AS older_status, status_before AS later_status
FROM back
