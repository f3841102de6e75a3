-- Another policy for personal data leaves no value of the one before: earlier
-- versions of orders get the room as the database "restated" has it, which was
-- loaded from the same answers; of breaks that hold no longer, whose words no
-- check writes anew, those that tell of a room are taken out.
UPDATE audit.order_versions v SET room_no = p.room_no
FROM (
    SELECT v.order_id, v.version_no, s.room_no
    FROM audit.order_versions v
    LEFT JOIN restated.audit.order_versions s ON s.source = v.source AND s.account = v.account AND s.order_id = v.order_id AND s.valid_from <= v.valid_from
    WHERE v.source = getvariable('source') AND v.account = getvariable('account')
    QUALIFY row_number() OVER (
        PARTITION BY v.order_id, v.version_no
        ORDER BY s.payload_sha256 IS NOT DISTINCT FROM v.payload_sha256 DESC, s.valid_from DESC NULLS LAST, s.version_no DESC
    ) = 1
) p
WHERE v.source = getvariable('source') AND v.account = getvariable('account')
    AND v.order_id = p.order_id AND v.version_no = p.version_no;

UPDATE recon.breaks SET
    facts = NULL,
    explanation_en = 'Resolved; its words were taken out when the policy for personal data changed.',
    explanation_zh = '已消除；因个人信息处理规则变更，其说明已删除。'
WHERE status = 'resolved' AND list_has_any(json_keys(facts), ['room_no', 'rooms'])
    AND ((source = getvariable('source') AND account = getvariable('account'))
        OR (right_source = getvariable('source') AND right_account = getvariable('account')));
