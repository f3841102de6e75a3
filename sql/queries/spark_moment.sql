-- The last night of each database that is whole in the lake. Its writer commits audit.runs
-- after all other tables, and that snapshot says which one of each table belongs to the
-- night.
SELECT database_id, snapshot_id, snapshots
FROM (
    SELECT
        try_element_at(s.summary, 'nightaudit.database_id') AS database_id,
        s.snapshot_id,
        try_element_at(s.summary, 'nightaudit.snapshots') AS snapshots,
        row_number() OVER (PARTITION BY try_element_at(s.summary, 'nightaudit.database_id') ORDER BY h.made_current_at DESC) AS nth
    FROM {{id .Catalog}}.audit.runs.snapshots s
    JOIN {{id .Catalog}}.audit.runs.history h ON h.snapshot_id = s.snapshot_id
    WHERE h.is_current_ancestor AND try_element_at(s.summary, 'nightaudit.snapshots') IS NOT NULL
) n
WHERE nth = 1
ORDER BY database_id
