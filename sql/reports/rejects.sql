-- name: rejects
-- title.en: Rejects
-- title.zh: 拒收
-- description.en: What of the sources' answers could not be taken and still stands, whichever run read it. A rejected row is not loaded; a finding is a loaded row with one doubtful value left empty. What is read well again is gone from here. The raw text has passed the policy for personal data.
-- description.zh: 来源应答中至今仍无法采用的内容，不论由哪次运行读取。拒收的行未入库；存疑的行已入库，仅该值留空；重新读取无误后即不再列出。原文已按个人信息策略处理。
-- table: audit.exceptions
-- label.en.kind: Kind
-- label.zh.kind: 类别
-- values.kind: issue_kind
-- values.stream: stream
-- values.reason: issue_reason
-- print_to: raw
-- width.reason: 40
-- width.raw: 40
-- width.landing_ref: 44
SELECT
    kind,
    source,
    account,
    stream,
    min(order_id) AS order_id,
    distinct_text(field, ', ') AS field,
    min(reason) AS reason,
    min(raw) AS raw,
    min(landing_ref) AS landing_ref
FROM audit.exceptions
-- A record is refused once, however many reasons there are; a finding is a value.
GROUP BY kind, source, account, stream, record_key, CASE WHEN kind = 'finding' THEN field END, CASE WHEN kind = 'finding' THEN reason END, CASE WHEN kind = 'finding' THEN raw END
ORDER BY kind DESC, source NULLS LAST, account NULLS LAST, stream NULLS LAST, order_id NULLS LAST, field NULLS LAST, reason NULLS LAST, raw NULLS LAST, landing_ref NULLS LAST
