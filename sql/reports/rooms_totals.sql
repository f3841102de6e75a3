-- name: rooms_totals
-- title.en: Rooms by place
-- title.zh: 客房合计
-- description.en: The database's own sums of the consumption that the PMS billed for the stays that touch the range, and the number of those stays, by place and currency.
-- description.zh: 数据库对与所选范围有交集的住宿的直接合计（PMS 所计消费及住宿数），按场所和币种。
-- table: main.stays
-- param.date_from: date = last_complete
-- param.date_to: date = last_complete
-- label.en.place: Place
-- label.zh.place: 场所
-- label.en.stays: Stays
-- label.zh.stays: 住宿数
-- label.en.consumption_amount: Billed by the PMS
-- label.zh.consumption_amount: PMS消费
SELECT
    p.place,
    s.currency,
    count(*) AS stays,
    coalesce(sum(s.consumption_amount), 0) AS consumption_amount
FROM main.stays s
JOIN recon.places p ON p.source = s.source AND p.account = s.account
WHERE s.source = 'starhotel'
  AND s.status IN ('in_progress', 'completed')
  AND s.arrival_date <= $date_to::DATE
  AND CASE
      WHEN s.departure_date IS NOT NULL THEN s.departure_date >= $date_from::DATE
      WHEN s.status = 'in_progress' THEN $date_to::DATE >= $date_from::DATE
      ELSE s.arrival_date >= $date_from::DATE
  END
  AND (s.source, s.account, s.order_id) IN (SELECT source, account, order_id FROM main.orders
      WHERE deleted_at IS NULL AND (status IS NULL OR status <> 'canceled')
  )
GROUP BY p.place, s.currency
ORDER BY s.currency NULLS LAST, p.place NULLS LAST
