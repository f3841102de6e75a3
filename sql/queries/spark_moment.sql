-- When the last run was whole in the lake: its writer commits audit.runs after all other
-- tables. A snapshot that names no run is somebody's upkeep, unless all are such.
SELECT coalesce(
    max(CASE WHEN try_element_at(s.summary, 'nightaudit.run_id') IS NOT NULL THEN s.committed_at END),
    max(s.committed_at)) AS moment
FROM {{id .Catalog}}.audit.runs.snapshots s
JOIN {{id .Catalog}}.audit.runs.history h ON h.snapshot_id = s.snapshot_id
WHERE h.is_current_ancestor
