-- An order that was placed in a room, and the PMS's stay in that room at that
-- time. Where two stays meet, it is of the guest who came last.
SELECT source, account, order_id, NULL::STRING AS stay_id, right_source, right_account, right_order_id, right_stay_id,
    CASE WHEN stays_of_place = 1 THEN 'likely' ELSE 'possible' END AS certainty
FROM (
    SELECT
        o.source, o.account, o.order_id,
        s.source AS right_source, s.account AS right_account, s.order_id AS right_order_id, s.stay_id AS right_stay_id,
        count(*) OVER (PARTITION BY o.place, o.source, o.account, o.order_id) AS stays_of_place,
        row_number() OVER (
            PARTITION BY o.source, o.account, o.order_id
            ORDER BY s.from_at DESC, s.account NULLS LAST, s.order_id DESC, s.stay_id DESC
        ) AS nth
    FROM room_orders o
    JOIN room_stays s ON s.place = o.place AND s.room_no = o.room_no AND o.created_at BETWEEN s.from_at AND s.to_at
    WHERE s.source = 'starhotel'
) m
WHERE nth = 1
