-- name: revenue_compared
-- title.en: Revenue compared
-- title.zh: 营收对比
-- description.en: Revenue of the day date_to by source, account and currency, beside that of the day before, of the same weekday a week ago and of the month to date. A day without orders is 0.00 where the account's data is complete for it, and empty where it is not. month_days_open counts the days of the month that are not complete.
-- description.zh: date_to 当日的收入，按来源、账户、币种，并列前一日、上周同日和本月累计。无订单的日期：该账户数据完整则为 0.00，否则留空。month_days_open 为本月数据不完整的天数。
-- table: main.daily_revenue
-- param.date_to: date = last_complete
-- label.en.orders_day_before: Orders, day before
-- label.zh.orders_day_before: 订单数（前一日）
-- label.en.orders_week_before: Orders, a week ago
-- label.zh.orders_week_before: 订单数（上周同日）
-- label.en.orders_month: Orders, month to date
-- label.zh.orders_month: 订单数（本月累计）
-- label.en.net_amount_day_before: Net due, day before
-- label.zh.net_amount_day_before: 应付金额（前一日）
-- label.en.net_amount_week_before: Net due, a week ago
-- label.zh.net_amount_week_before: 应付金额（上周同日）
-- label.en.net_amount_month: Net due, month to date
-- label.zh.net_amount_month: 应付金额（本月累计）
-- label.en.month_days_open: Days of the month not complete
-- label.zh.month_days_open: 本月不完整天数
WITH compared(period, date_from, date_to) AS (
    VALUES ('day', $date_to::DATE, $date_to::DATE),
        ('day_before', $date_to::DATE - 1, $date_to::DATE - 1),
        ('week_before', $date_to::DATE - 7, $date_to::DATE - 7),
        ('month', date_trunc('month', $date_to::DATE)::DATE, $date_to::DATE)
),
covered AS (
    SELECT source, account, business_date, state = 'complete' AS is_complete
    FROM coverage(least($date_to::DATE - 7, date_trunc('month', $date_to::DATE)::DATE), $date_to::DATE, forever())
),
-- Accounts with revenue at all in one of the periods.
accounts AS (
    SELECT DISTINCT r.source, r.account, r.currency
    FROM daily_revenue() r
    JOIN compared c ON r.business_date BETWEEN c.date_from AND c.date_to
),
known_days AS (
    SELECT v.source, v.account, c.period, count(*) FILTER (WHERE NOT v.is_complete) AS days_open, count(*) AS days_covered
    FROM covered v JOIN compared c ON v.business_date BETWEEN c.date_from AND c.date_to
    GROUP BY v.source, v.account, c.period
),
summed AS (
    SELECT a.source, a.account, a.currency, c.period,
        count(r.business_date) AS days,
        sum(r.orders)::BIGINT AS orders,
        sum(r.net_amount)::DECIMAL(38,4) AS net_amount,
        coalesce(min(k.days_open), 0) AS days_open, coalesce(min(k.days_covered), 0) AS days_covered
    FROM accounts a
    CROSS JOIN compared c
    LEFT JOIN known_days k ON k.source = a.source AND k.account = a.account AND k.period = c.period
    LEFT JOIN daily_revenue() r
        ON r.source = a.source AND r.account = a.account AND r.currency IS NOT DISTINCT FROM a.currency
        AND r.business_date BETWEEN c.date_from AND c.date_to
    GROUP BY a.source, a.account, a.currency, c.period, c.date_from, c.date_to
),
known AS (
    SELECT source, account, currency, period, days_open,
        CASE WHEN days > 0 THEN orders WHEN days_covered > 0 AND days_open = 0 THEN 0 END AS orders,
        CASE WHEN days > 0 THEN net_amount WHEN days_covered > 0 AND days_open = 0 THEN 0 END AS net_amount
    FROM summed
)
SELECT
    currency,
    source,
    account,
    max(orders) FILTER (WHERE period = 'day') AS orders,
    max(orders) FILTER (WHERE period = 'day_before') AS orders_day_before,
    max(orders) FILTER (WHERE period = 'week_before') AS orders_week_before,
    max(orders) FILTER (WHERE period = 'month') AS orders_month,
    max(net_amount) FILTER (WHERE period = 'day') AS net_amount,
    max(net_amount) FILTER (WHERE period = 'day_before') AS net_amount_day_before,
    max(net_amount) FILTER (WHERE period = 'week_before') AS net_amount_week_before,
    max(net_amount) FILTER (WHERE period = 'month') AS net_amount_month,
    max(days_open) FILTER (WHERE period = 'month') AS month_days_open
FROM known
GROUP BY currency, source, account
ORDER BY currency NULLS LAST, source NULLS LAST, account NULLS LAST
