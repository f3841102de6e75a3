-- The matches of this run (temporary table links) become part of recon.links.
-- Of orders that were not looked at, nothing changes; a match that stands as
-- it stood keeps its run.
DELETE FROM recon.links WHERE rowid IN (
    SELECT l.rowid
    FROM recon.links l
    ANTI JOIN links n ON n.rule = l.rule
        AND n.source = l.source AND n.account = l.account AND n.order_id = l.order_id AND n.stay_id IS NOT DISTINCT FROM l.stay_id
        AND n.right_source = l.right_source AND n.right_account = l.right_account AND n.right_order_id = l.right_order_id
        AND n.right_stay_id IS NOT DISTINCT FROM l.right_stay_id
    {{- if .Scoped}}
    WHERE (l.source, l.account, l.order_id) IN (SELECT (source, account, order_id) FROM scope_asked)
        OR (l.right_source, l.right_account, l.right_order_id) IN (SELECT (source, account, order_id) FROM scope_asked)
    {{- end}}
);

MERGE INTO recon.links l
USING (
    SELECT n.*, r.run_id
    FROM links n CROSS JOIN recon_run r
    {{- if .Scoped}}
    WHERE (n.source, n.account, n.order_id) IN (SELECT (source, account, order_id) FROM scope_asked)
        OR (n.right_source, n.right_account, n.right_order_id) IN (SELECT (source, account, order_id) FROM scope_asked)
    {{- end}}
) n
ON n.rule = l.rule
    AND n.source = l.source AND n.account = l.account AND n.order_id = l.order_id AND n.stay_id IS NOT DISTINCT FROM l.stay_id
    AND n.right_source = l.right_source AND n.right_account = l.right_account AND n.right_order_id = l.right_order_id
    AND n.right_stay_id IS NOT DISTINCT FROM l.right_stay_id
WHEN MATCHED AND n.certainty <> l.certainty THEN UPDATE SET certainty = n.certainty, run_id = n.run_id
WHEN NOT MATCHED THEN INSERT BY NAME;
