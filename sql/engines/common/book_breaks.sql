-- macro: book_breaks(date_from, date_to)
-- gives: a table: the breaks of a book, of the business dates from date_from to date_to, both
--   inclusive. Each that holds has one section: book, its date is one of these;
--   carried_forward, its date is an earlier one and finance has not accepted it; undated,
--   nothing says of which date it is. Those of later dates are in later books. A break has
--   the flow of the order that it is about; where it is about several (a drift), that of its
--   facts. What is about none, as a count of records, has no flow
SELECT
    CASE
        WHEN b.business_date IS NULL THEN 'undated'
        WHEN b.business_date < date_from THEN 'carried_forward'
        ELSE 'book'
    END AS section,
    coalesce(o.flow, json_field(b.facts, '$.flow')) AS flow,
    b.*
FROM recon.breaks b
LEFT JOIN main.orders o ON o.source = b.source AND o.account = b.account AND o.order_id = b.order_id
WHERE b.status IN ('open', 'explained', 'accepted')
    AND (b.business_date IS NULL OR b.business_date <= date_to)
    AND NOT coalesce(b.business_date < date_from AND b.status = 'accepted', false)
