-- A stay belongs to the day its first room is moved into; where no room is
-- known, to its service date, else to the day it was booked (docs/mapping.md).
UPDATE cand_orders SET business_date = coalesce(
    (SELECT min(s.arrival_date) FROM cand_stays s WHERE s.order_id = cand_orders.order_id),
    service_date, booked_date)
WHERE kind = 'stay';
