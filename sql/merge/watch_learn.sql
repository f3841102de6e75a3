-- Learns what this night has shown (watch_observe.sql) for the next ones to be compared
-- with. Shares are known well after a thousand, so what shows nothing new then is left
-- as it is.
UPDATE audit.traits t
SET value = CASE WHEN t.trait = 'member'
        THEN nullif(array_to_string(list_sort(list_distinct(string_split(concat_ws('|', t.value, o.value), '|'))), '|'), '')
        ELSE o.value END,
    counted = CASE t.trait
        WHEN 'late' THEN greatest(t.counted, o.counted)
        WHEN 'member' THEN t.counted + o.counted WHEN 'value' THEN t.counted + o.counted
        ELSE o.counted END,
    among = CASE WHEN t.trait IN ('member', 'value') THEN t.among + o.among ELSE o.among END,
    is_gone = false,
    run_id = getvariable('run_id')
FROM observed o
WHERE t.source = getvariable('source') AND t.account = getvariable('account')
    AND o.stream = t.stream AND o.trait = t.trait AND o.within = t.within AND o.item = t.item
    AND CASE t.trait
        WHEN 'late' THEN o.counted > t.counted
        WHEN 'page' THEN o.counted <> t.counted
        WHEN 'order' THEN o.value <> t.value
        WHEN 'total' THEN o.value <> t.value
        WHEN 'apart' THEN false
        ELSE t.is_gone OR t.among < 1000 OR t.counted = t.among AND o.counted < o.among OR o.value IS DISTINCT FROM t.value
            AND len(list_filter(string_split(o.value, '|'), lambda x: NOT list_contains(string_split(t.value, '|'), x))) > 0
    END;

UPDATE audit.traits t
SET is_gone = true, counted = 0, among = 0, run_id = getvariable('run_id')
FROM changes c
WHERE t.source = getvariable('source') AND t.account = getvariable('account')
    AND c.stream = t.stream AND c.trait = t.trait AND c.within = t.within AND c.item = t.item AND c.change = 'gone';

INSERT INTO audit.traits
SELECT getvariable('source'), getvariable('account'), stream, trait, within, item, value, counted, among, false, getvariable('run_id')
FROM observed
ANTI JOIN learned USING (stream, trait, within, item);
