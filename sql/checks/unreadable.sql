-- rule: unreadable
-- severity: error
-- title.en: Unreadable amounts, refused rows
-- title.zh: 无法识别的金额与拒收记录
-- compares.en: what the source states with what could be taken of it, for every amount and every record (all sources)
-- compares.zh: 来源填报的金额及记录与实际可入账的内容（所有来源）
-- explain.amount.en: {field} is stated as “{raw_text}”, which cannot be read as an amount: {fields} is left empty
-- explain.amount.zh: {field}填报为“{raw_text}”，无法识别为金额：{fields}留空
-- explain.list.en: what {field} states cannot be taken, and amounts stand in it: {fields} is left empty
-- explain.list.zh: {field}的内容无法采用，其中含有金额：{fields}留空
-- explain.refused.en: a record of the stream {stream} was refused and is not in the books: {field} is stated as “{raw_text}”
-- explain.refused.zh: 数据流{stream}的一条记录被拒收，未入账：{field}填报为“{raw_text}”

-- Neither side has a figure, for nobody knows it. A break holds until the record
-- is read well. A refused record that names no order bears its place in the
-- landing instead.
WITH taken AS (
    SELECT
        source, account, order_id, field, 'amount' AS kind,
        min(line_no) AS line_no, min(stream) AS stream, min(raw) AS raw_text,
        min(concat_ws(' #', CASE WHEN table_name = 'orders' THEN column_name ELSE table_name || '.' || column_name END, line_no)) AS fields
    FROM exceptions
    WHERE kind = 'finding' AND is_amount AND order_id IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT
        source, account, coalesce(order_id, landing_ref), min(field), 'refused',
        NULL, min(stream), min(raw), NULL
    FROM exceptions
    WHERE kind = 'reject'
    GROUP BY source, account, coalesce(order_id, landing_ref)
)
SELECT
    t.source, t.account, t.order_id, t.line_no, o.business_date,
    NULL::DECIMAL(18,4) AS expected, NULL::DECIMAL(18,4) AS actual, o.currency,
    'unreadable' AS reason,
    CASE WHEN t.kind = 'amount' AND t.raw_text IS NULL THEN 'list' ELSE t.kind END AS variant,
    t.field, t.raw_text, t.fields, t.stream, o.kind, o.status
FROM taken t
LEFT JOIN orders o USING (source, account, order_id)
