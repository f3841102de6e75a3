-- name: rejects
-- title.en: Rejects
-- title.zh: 拒收
-- description.en: What the latest run refused or doubted. A rejected row is not loaded; a finding is a loaded row with one doubtful value left empty. The raw text has passed the policy for personal data.
-- description.zh: 最近一次运行拒收的行和存疑的值。拒收的行未入库；存疑的行已入库，仅该值留空。原文已按个人信息策略处理。
-- table: audit.rejects
-- label.en.kind: Kind
-- label.zh.kind: 类别
-- values.kind: issue_kind
-- values.stream: stream
-- values.reason: issue_reason
-- print_to: raw
-- width.reason: 40
-- width.raw: 40
-- width.landing_ref: 44
WITH last_run AS (
    SELECT run_id FROM audit.runs ORDER BY started_at DESC, run_id DESC LIMIT 1
),
issues AS (
    SELECT 'reject' AS kind, * FROM audit.rejects
    UNION ALL
    SELECT 'finding' AS kind, * FROM audit.findings
)
SELECT
    i.kind,
    i.source,
    i.account,
    i.stream,
    i.order_id,
    i.field,
    i.reason,
    i.raw,
    i.landing_ref
FROM issues i
JOIN last_run USING (run_id)
ORDER BY i.kind DESC, i.source, i.account, i.stream, i.order_id, i.field, i.reason, i.raw, i.landing_ref
