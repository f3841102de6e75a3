-- A stay in the access system and one in the PMS: the same room, for at least
-- half the time of the shorter of the two. Less than that is one guest leaving
-- late and the next one coming early.
SELECT DISTINCT
    k.source, k.account, k.order_id, k.stay_id,
    s.source AS right_source, s.account AS right_account, s.order_id AS right_order_id, s.stay_id AS right_stay_id,
    CASE WHEN k.arrival_date = s.arrival_date THEN 'likely' ELSE 'possible' END AS certainty
FROM room_stays k
JOIN room_stays s ON s.place = k.place AND s.room_no = k.room_no AND k.from_at <= s.to_at AND s.from_at <= k.to_at
WHERE k.source = 'akubela' AND s.source = 'starhotel'
    AND 2 * (microseconds(least(k.to_at, s.to_at)) - microseconds(greatest(k.from_at, s.from_at)))
        >= least(microseconds(k.to_at) - microseconds(k.from_at), microseconds(s.to_at) - microseconds(s.from_at))
