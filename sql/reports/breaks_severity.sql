-- name: breaks_severity
-- title.en: Breaks by severity
-- title.zh: 按级别统计的差异
-- description.en: Breaks that still hold, by severity and currency. What finance has accepted is counted apart and is not in the sums.
-- description.zh: 仍然成立的差异，按级别和币种统计；财务已接受的单列，不计入合计。
-- table: recon.breaks
-- label.en.open_breaks: Open
-- label.zh.open_breaks: 未处理
-- label.en.explained_breaks: Explained
-- label.zh.explained_breaks: 已说明
-- label.en.accepted_breaks: Accepted
-- label.zh.accepted_breaks: 已接受
-- label.en.difference: Σ difference
-- label.zh.difference: 差异合计
-- label.en.absolute: Σ absolute
-- label.zh.absolute: 差异绝对值合计
-- label.en.oldest: Oldest, days
-- label.zh.oldest: 最长账龄（天）
-- param.timezone: text = UTC
-- values.severity: severity
WITH as_of AS (
    SELECT max(started_at) AS instant FROM audit.runs
)
SELECT
    severity,
    currency,
    count(*) FILTER (status = 'open') AS open_breaks,
    count(*) FILTER (status = 'explained') AS explained_breaks,
    count(*) FILTER (status = 'accepted') AS accepted_breaks,
    coalesce(sum(difference) FILTER (status <> 'accepted'), 0) AS difference,
    coalesce(sum(abs(difference)) FILTER (status <> 'accepted'), 0) AS absolute,
    max(timezone($timezone, as_of.instant)::DATE - timezone($timezone, first_seen)::DATE) FILTER (status <> 'accepted') AS oldest
FROM recon.breaks
CROSS JOIN as_of
WHERE status <> 'resolved'
GROUP BY severity, currency
ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, currency
