-- name: run_summary
-- title.en: Latest run
-- title.zh: 最近一次运行
-- description.en: The run that the database was last filled by, and the database itself.
-- description.zh: 最近一次写入数据库的运行，以及数据库本身。
-- table: audit.runs
-- label.en.database_id: Database
-- label.zh.database_id: 数据库
-- label.en.published_at: Published at
-- label.zh.published_at: 发布时间
-- label.en.chain_head: Head of the landing
-- label.zh.chain_head: 原始数据链头
-- values.outcome: outcome
SELECT
    r.run_id,
    r.started_at,
    r.finished_at,
    r.outcome,
    r.exit_code,
    r.version,
    r.config_sha256,
    m.database_id,
    m.schema_version,
    m.published_at,
    m.chain_head
FROM audit.runs r
LEFT JOIN audit.meta m ON true
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT 1
