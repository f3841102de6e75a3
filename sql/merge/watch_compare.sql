-- Notes in audit.vendor_changes what is not as the nights before have found it
-- (audit.traits), and learns from this one. A stream that is read for the first time
-- is learned and compared with nothing; so are the members of an object that was
-- never seen before, for the object itself is told.
--
-- Gone is what every record had until now, or a channel or a means of payment of which
-- seven or more were to be expected, by its share: that none comes by chance happens
-- once in a thousand nights. Other codes depend on how old orders are.
CREATE OR REPLACE TEMP TABLE learned AS
SELECT * EXCLUDE (source, account), rowid AS _row
FROM audit.traits
WHERE source = getvariable('source') AND account = getvariable('account');

CREATE OR REPLACE TEMP TABLE changes AS
WITH amid AS ( -- what of its kind the night has seen at all
    SELECT stream, trait, within, max(among) AS among, min(landing_ref) AS landing_ref
    FROM observed
    GROUP BY ALL
)
SELECT o.stream, o.trait, o.within, o.item, 'new' AS change, NULL AS value_before, o.value AS value_after,
    NULL::BIGINT AS count_before, o.counted AS count_after, o.among AS among_after, o.is_doubtful, o.landing_ref
FROM observed o
ANTI JOIN learned l USING (stream, trait, within, item)
WHERE o.trait IN ('member', 'value') AND EXISTS (FROM learned l WHERE l.stream = o.stream AND l.trait = o.trait AND l.within = o.within)
    OR o.trait = 'apart' AND o.stream IN (SELECT stream FROM learned)
UNION ALL
SELECT o.stream, o.trait, o.within, o.item,
    'other',
    l.value, o.value, l.counted, o.counted, o.among, false, o.landing_ref
FROM observed o
JOIN learned l USING (stream, trait, within, item)
WHERE o.trait IN ('order', 'total') AND o.value <> l.value
    OR o.trait = 'page' AND o.counted <> l.counted
    OR o.trait = 'member' AND len(list_filter(string_split(o.value, '|'), lambda t: NOT list_contains(string_split(l.value, '|'), t))) > 0
UNION ALL
SELECT o.stream, o.trait, o.within, o.item, 'other', NULL, NULL, l.counted, o.counted, o.among, false, o.landing_ref
FROM observed o
LEFT JOIN learned l USING (stream, trait, within, item)
WHERE o.trait = 'late' AND o.counted > 300 + 2 * coalesce(l.counted, 0)
UNION ALL
SELECT l.stream, l.trait, l.within, l.item, 'gone', NULL, NULL, l.counted * a.among // l.among, 0, a.among, false, a.landing_ref
FROM learned l
JOIN amid a USING (stream, trait, within)
ANTI JOIN observed o USING (stream, trait, within, item)
WHERE NOT l.is_gone
    AND (l.trait = 'member' AND l.counted = l.among AND l.among >= 20 AND a.among >= 7
        OR l.trait = 'value' AND l.within IN ('orders.channel', 'payments.method_code') AND l.counted * a.among >= 7 * l.among);

-- A change stands as one row, from what was before the first of its kind, until that
-- is so again.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT * EXCLUDE (source, account), rowid AS _row
FROM audit.vendor_changes
WHERE source = getvariable('source') AND account = getvariable('account');

DELETE FROM audit.vendor_changes
WHERE rowid IN (
    SELECT v._row FROM standing v JOIN changes c USING (stream, trait, within, item)
    UNION ALL
    SELECT v._row FROM standing v JOIN observed o USING (stream, trait, within, item) WHERE v.change = 'gone');

INSERT INTO audit.vendor_changes
SELECT getvariable('source'), getvariable('account'), c.stream, c.trait, c.within, c.item, c.change,
    coalesce(v.value_before, c.value_before), c.value_after, coalesce(v.count_before, c.count_before), c.count_after, c.among_after,
    c.is_doubtful, getvariable('run_at'), getvariable('run_id'), c.landing_ref
FROM changes c
LEFT JOIN standing v USING (stream, trait, within, item)
WHERE v.item IS NULL
    OR c.trait = 'page' AND c.count_after <> v.count_before
    OR c.trait <> 'page' AND (c.value_after IS NULL OR c.value_after <> v.value_before);
