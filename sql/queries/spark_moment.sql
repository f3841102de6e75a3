-- The last night that is whole in the lake. Its writer commits audit.runs after all other
-- tables, and that snapshot says which one of each table belongs to the night.
SELECT
    s.snapshot_id,
    s.committed_at,
    try_element_at(s.summary, 'nightaudit.run_id') AS run_id,
    try_element_at(s.summary, 'nightaudit.snapshots') AS snapshots
FROM {{id .Catalog}}.audit.runs.snapshots s
JOIN {{id .Catalog}}.audit.runs.history h ON h.snapshot_id = s.snapshot_id
WHERE h.is_current_ancestor AND try_element_at(s.summary, 'nightaudit.snapshots') IS NOT NULL
ORDER BY h.made_current_at DESC
LIMIT 1
