-- What the rows of each account rest on, and whether it has any.
SELECT source, account, timezone, business_day_start::VARCHAR, coalesce(currency, ''), memo_only,
    coalesce(pii_sha256, ''), coalesce(since::VARCHAR, ''),
    coalesce(base_url, ''), coalesce(tenant, ''), coalesce(wall_zone, ''),
    (source, account) IN (SELECT (source, account) FROM main.orders UNION SELECT (source, account) FROM main.reminders)
FROM audit.accounts
