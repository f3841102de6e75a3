-- rule: drift
-- severity: warning
-- title.en: Drift
-- title.zh: 尾差累计
-- compares.en: differences that every other check lets pass as within its tolerance, added up by store (account where there is none), check and business date (all sources)
-- compares.zh: 各项核对中未超容差而放行的差异，按门店（无门店者按账户）、核对项及营业日期累计（所有来源）
-- tolerance: 1.00
-- scope: everything
-- explain.en: {differences} differences of the check {checked} in {orders} orders at {place}, each within its tolerance, add up to {difference}: stated are {actual}, by the check {expected}
-- explain.zh: 门店（账户）{place}的{orders}笔订单在核对项“{checked_zh}”上有{differences}处未超容差的差异，累计{difference}：所报合计{actual}，应为{expected}

-- One cent is rounding, three hundred of one sign are a rule of somebody's. The
-- differences are kept from run to run (recon.small_differences), so that all
-- orders of a store and date are added up, also where few have changed. A drift
-- of a candidate rule is a hint, as all that such a rule says.
SELECT
    d.source, d.account,
    concat_ws(' ', d.rule, d.store_id, d.business_date, d.flow, d.currency) AS order_id,
    d.business_date,
    sum(d.expected) AS expected, sum(d.actual) AS actual, d.currency,
    'amount' AS reason,
    CASE WHEN r.candidate THEN 'info' ELSE 'warning' END AS severity,
    d.rule AS checked_rule, r.title_en AS checked, r.title_zh AS checked_zh,
    coalesce(d.store_id, d.source || '/' || d.account) AS place, d.store_id, d.flow,
    count(*) AS orders, sum(d.differences)::BIGINT AS differences
FROM recon.small_differences d
JOIN recon.rules r ON r.rule = d.rule
GROUP BY d.source, d.account, d.rule, d.store_id, d.business_date, d.flow, d.currency, r.candidate, r.title_en, r.title_zh
