-- rule: vendor_change
-- severity: warning
-- title.en: Vendor changed
-- title.zh: 来源接口变化
-- compares.en: what a vendor's answers look like (pages, order of the list, totals, members, codes, how late and how fast) with what the nights before have found (all sources)
-- compares.zh: 来源接口的返回特征（分页、排序、总数、字段、代码、延迟及速度）与此前各晚所见（所有来源）
-- tolerance: 0
-- scope: everything
-- explain.page.en: pages of {stream} hold {actual} records at most where {item} are asked for; until now {expected} ({landing_ref})
-- explain.page.zh: {stream}每页请求{item}条，最多返回{actual}条；此前为{expected}条（{landing_ref}）
-- explain.order.en: the list of {stream} is {after} by {item}; until now {before} ({landing_ref})
-- explain.order.zh: {stream}的列表按{item}为{after_zh}；此前为{before_zh}（{landing_ref}）
-- explain.total.en: the total of {stream} is {after}; until now {before}: whether all records have come is proven otherwise or not at all ({landing_ref})
-- explain.total.zh: {stream}的总数{after_zh}；此前{before_zh}：记录是否齐全须另行证明或无从证明（{landing_ref}）
-- explain.apart.en: {actual} records of {stream} come only when they are asked for with {item}; the search left none of these out until now. They were asked for and are here ({landing_ref})
-- explain.apart.zh: {stream}有{actual}条记录仅在带条件{item}查询时返回，此前未见；已另行查询并入库（{landing_ref}）
-- explain.member_new.en: {name} stands in {actual} of {among} records of {stream} ({after}) and was never seen before ({landing_ref})
-- explain.member_new.zh: {stream}的{among}条记录中有{actual}条出现新字段{name}（{after}）（{landing_ref}）
-- explain.member_gone.en: {name} stands in none of {among} records of {stream}; until now it stood in every one ({landing_ref})
-- explain.member_gone.zh: {stream}的{among}条记录均无字段{name}；此前每条都有（{landing_ref}）
-- explain.member_type.en: {name} of {stream} is {after}; until now {before} ({landing_ref})
-- explain.member_type.zh: {stream}的字段{name}类型为{after}；此前为{before}（{landing_ref}）
-- explain.value_new.en: {name} is {item} in {actual} of {among} rows of {stream}: a code that was never seen before ({landing_ref})
-- explain.value_new.zh: {stream}的{among}行中有{actual}行的{name}为{item}：此前未见的代码（{landing_ref}）
-- explain.value_doubtful.en: {name} is {item} in {actual} of {among} rows of {stream}: a status that was never seen before and that the vendor's document does not name ({landing_ref})
-- explain.value_doubtful.zh: {stream}的{among}行中有{actual}行的{name}为{item}：此前未见且供应商文档未载明的状态（{landing_ref}）
-- explain.value_gone.en: {name} is {item} in none of {among} rows of {stream}, of which {expected} were to be expected ({landing_ref})
-- explain.value_gone.zh: {stream}的{among}行中没有{name}为{item}的行，按此前占比应约有{expected}行（{landing_ref}）
-- explain.late.en: an order came to the list of {stream} {actual} seconds after its own time, or later; until now {expected}. One that comes later than lookback reaches is missed ({landing_ref})
-- explain.late.zh: {stream}有订单在其时间之后至少{actual}秒才出现在列表中；此前最多{expected}秒。超过 lookback 的将被遗漏（{landing_ref}）
-- explain.late_first.en: an order came to the list of {stream} {actual} seconds after its own time, or later; none did until now. One that comes later than lookback reaches is missed ({landing_ref})
-- explain.late_first.zh: {stream}有订单在其时间之后至少{actual}秒才出现在列表中；此前未见。超过 lookback 的将被遗漏（{landing_ref}）
-- explain.slower.en: an answer takes {actual} ms; until now {expected}, the median of {nights} nights
-- explain.slower.zh: 每次应答约需{actual}毫秒；此前{nights}晚的中位数为{expected}毫秒

-- expected and actual are counts, seconds or milliseconds. A change stands until what
-- was before is so again, and two weeks at most: by then it is how the vendor is.
WITH called AS (
    SELECT * FROM (VALUES
        ('ascending', '升序'), ('descending', '降序'), ('none', '无序'), ('stated', '已给出'), ('not stated', '未给出')) w(en, zh)
),
changed AS (
    SELECT v.*,
        CASE WHEN trait = 'member' THEN concat_ws('.', nullif(within, ''), item) ELSE within END AS name,
        CASE WHEN trait = 'total' AND value_before = 'none' THEN 'not stated' WHEN trait = 'order' AND value_before = 'none' THEN 'in no order' ELSE value_before END AS before,
        CASE WHEN trait = 'total' AND value_after = 'none' THEN 'not stated' WHEN trait = 'order' AND value_after = 'none' THEN 'in no order' ELSE value_after END AS after
    FROM audit.vendor_changes v
    WHERE changed_at > (SELECT recorded_at FROM recon_run) - INTERVAL 14 DAYS
),
pace AS (
    SELECT source, account, milliseconds, row_number() OVER (PARTITION BY source, account ORDER BY started_at DESC, run_id DESC) AS nights_ago
    FROM (
        SELECT s.source, s.account, run_id, r.started_at,
            whole_part(2 * (sum(s.seconds) * 1000000)::BIGINT + 1000 * sum(s.calls), nullif(2000 * sum(s.calls), 0))::BIGINT AS milliseconds
        FROM audit.stages s
        JOIN audit.runs r USING (run_id)
        WHERE s.stage = 'fetch' AND s.account IS NOT NULL
        GROUP BY s.source, s.account, run_id, r.started_at
        HAVING sum(s.calls) >= 3
    )
),
slower AS (
    SELECT source, account, max(milliseconds) FILTER (WHERE nights_ago = 1) AS actual,
        middle(CASE WHEN nights_ago > 1 THEN milliseconds END) AS expected,
        count(*) FILTER (WHERE nights_ago > 1) AS nights
    FROM pace
    WHERE nights_ago <= 21
    GROUP BY source, account
)
SELECT
    c.source, c.account,
    concat_ws(' ', c.stream, c.trait, nullif(c.name, ''), CASE WHEN c.trait <> 'member' THEN c.item END) AS order_id,
    NULL::DATE AS business_date,
    CASE WHEN c.value_before IS NULL THEN c.count_before END AS expected, CASE WHEN c.value_before IS NULL THEN c.count_after END AS actual,
    NULL AS currency,
    'vendor_change' AS reason,
    CASE
        WHEN c.trait = 'value' AND c.is_doubtful THEN 'value_doubtful'
        WHEN c.trait = 'member' AND c.change = 'other' THEN 'member_type'
        WHEN c.trait IN ('member', 'value') THEN c.trait || '_' || c.change
        WHEN c.trait = 'late' AND c.count_before IS NULL THEN 'late_first'
        ELSE c.trait
    END AS variant,
    CASE WHEN c.trait IN ('member', 'value') AND c.change <> 'gone' AND NOT c.is_doubtful THEN 'info' ELSE 'warning' END AS severity,
    c.stream, c.item, c.name, c.before, c.after, b.zh AS before_zh, a.zh AS after_zh, c.among_after AS among, c.landing_ref, NULL::BIGINT AS nights
FROM changed c
LEFT JOIN called b ON b.en = coalesce(nullif(c.before, 'in no order'), 'none')
LEFT JOIN called a ON a.en = coalesce(nullif(c.after, 'in no order'), 'none')
UNION ALL
SELECT
    source, account, 'pace', NULL, expected, actual, NULL, 'vendor_change', 'slower', 'warning',
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, nights
FROM slower
WHERE nights >= 3 AND actual > 4 * expected AND actual > expected + 500
