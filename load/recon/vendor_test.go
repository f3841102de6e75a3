package recon

import "testing"

// What of a vendor's answers is not as it was is a break, for two weeks at most. The
// night is that of 2026-04-12, in Shanghai.
func TestVendorChange(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "vendor_change", []string{
		`INSERT INTO audit.vendor_changes (source, account, stream, trait, within, item, change, value_before, value_after, count_before, count_after, among_after, is_doubtful, changed_at, run_id, landing_ref) VALUES
			('soms', 'retail', 'orders', 'page', '', '100', 'other', NULL, NULL, 100, 50, 7, false, '2026-03-18 20:00:01Z', 'r', 'f:1'),
			('soms', 'retail', 'orders', 'order', '', 'updated_at', 'other', 'ascending', 'none', 57, 57, 57, false, '2026-03-18 20:00:01Z', 'r', 'f:2'),
			('soms', 'retail', 'orders', 'total', '', 'total', 'other', 'stated', 'none', 3, 0, 3, false, '2026-03-18 20:00:01Z', 'r', 'f:3'),
			('soms', 'retail', 'orders', 'apart', '', 'invalid=true', 'new', NULL, NULL, NULL, 4, 4, false, '2026-03-18 20:00:01Z', 'r', 'f:4'),
			('soms', 'retail', 'orders', 'member', 'orders[]', 'tags', 'new', NULL, 'array', NULL, 3, 60, false, '2026-03-18 20:00:01Z', 'r', 'f:5'),
			('soms', 'retail', 'orders', 'member', 'orders[].front', 'state', 'gone', NULL, NULL, 60, 0, 60, false, '2026-03-18 20:00:01Z', 'r', 'f:6'),
			('soms', 'retail', 'orders', 'member', 'orders[]', 'weight', 'other', 'number', 'string', 60, 60, 60, false, '2026-03-18 20:00:01Z', 'r', 'f:7'),
			('soms', 'retail', 'orders', 'value', 'orders.channel', 'douyin', 'new', NULL, NULL, NULL, 2, 60, false, '2026-03-18 20:00:01Z', 'r', 'f:8#/orders/1'),
			('soms', 'retail', 'orders', 'value', 'orders.source_status', 'parked', 'new', NULL, NULL, NULL, 2, 60, true, '2026-03-18 20:00:01Z', 'r', 'f:9'),
			('soms', 'retail', 'orders', 'value', 'orders.channel', 'meituan', 'gone', NULL, NULL, 41, 0, 60, false, '2026-03-18 20:00:01Z', 'r', 'f:10'),
			('soms', 'retail', 'orders', 'late', '', 'seconds', 'other', NULL, NULL, 60, 14400, 1, false, '2026-03-18 20:00:01Z', 'r', 'f:11'),
			('soms', 'other', 'orders', 'late', '', 'seconds', 'other', NULL, NULL, NULL, 3600, 1, false, '2026-03-18 20:00:01Z', 'r', 'f:13'),
			('tuya', 'old', 'orders', 'page', '', '100', 'other', NULL, NULL, 100, 50, 7, false, '2026-03-18 19:59:59Z', 'r', 'f:12')`,
		// Four nights of 100 ms, then one of 700; and of one that is as slow as ever.
		`INSERT INTO audit.runs (run_id, started_at) SELECT 'n' || i, TIMESTAMPTZ '2026-03-28 19:00:00Z' + i * INTERVAL 1 DAY FROM range(5) t(i)`,
		`INSERT INTO audit.stages (run_id, source, account, stage, seconds, calls, bytes, rows)
			SELECT 'n' || i, 'tuya', 'slow', 'fetch', CASE i WHEN 4 THEN 7 ELSE 1 END, 10, 0, 0 FROM range(5) t(i)
			UNION ALL SELECT 'n' || i, 'tuya', 'steady', 'fetch', 7, 10, 0, 0 FROM range(5) t(i)`,
	}, []string{
		"orders apart invalid=true | – | – | 4.0000 | 4.0000 | – | vendor_change | 4 records of orders come only when they are asked for with invalid=true; the search left none of these out until now. They were asked for and are here (f:4).",
		"orders late seconds | – | – | 3600.0000 | 3600.0000 | – | vendor_change | an order came to the list of orders 3600 seconds after its own time, or later; none did until now. One that comes later than lookback reaches is missed (f:13).",
		"orders late seconds | – | 60.0000 | 14400.0000 | 14340.0000 | – | vendor_change | an order came to the list of orders 14400 seconds after its own time, or later; until now 60. One that comes later than lookback reaches is missed (f:11).",
		"orders member orders[].front.state | – | 60.0000 | 0.0000 | -60.0000 | – | vendor_change | orders[].front.state stands in none of 60 records of orders; until now it stood in every one (f:6).",
		"orders member orders[].tags | – | – | 3.0000 | 3.0000 | – | vendor_change | orders[].tags stands in 3 of 60 records of orders (array) and was never seen before (f:5).",
		"orders member orders[].weight | – | – | – | 0.0000 | – | vendor_change | orders[].weight of orders is string; until now number (f:7).",
		"orders order updated_at | – | – | – | 0.0000 | – | vendor_change | the list of orders is in no order by updated_at; until now ascending (f:2).",
		"orders page 100 | – | 100.0000 | 50.0000 | -50.0000 | – | vendor_change | pages of orders hold 50 records at most where 100 are asked for; until now 100 (f:1).",
		"orders total total | – | – | – | 0.0000 | – | vendor_change | the total of orders is not stated; until now stated: whether all records have come is proven otherwise or not at all (f:3).",
		"orders value orders.channel douyin | – | – | 2.0000 | 2.0000 | – | vendor_change | orders.channel is douyin in 2 of 60 rows of orders: a code that was never seen before (f:8#/orders/1).",
		"orders value orders.channel meituan | – | 41.0000 | 0.0000 | -41.0000 | – | vendor_change | orders.channel is meituan in none of 60 rows of orders, of which 41 were to be expected (f:10).",
		"orders value orders.source_status parked | – | – | 2.0000 | 2.0000 | – | vendor_change | orders.source_status is parked in 2 of 60 rows of orders: a status that was never seen before and that the vendor's document does not name (f:9).",
		"pace | – | 100.0000 | 700.0000 | 600.0000 | – | vendor_change | an answer takes 700 ms; until now 100, the median of 4 nights.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT explanation_zh FROM recon.breaks WHERE order_id IN ('orders order updated_at', 'orders total total')"), []string{
		"orders的列表按updated_at为无序；此前为升序（f:2）。", "orders的总数未给出；此前已给出：记录是否齐全须另行证明或无从证明（f:3）。",
	})
	equal(t, "severities", query(t, db, "SELECT severity, count(*) FROM recon.breaks GROUP BY ALL ORDER BY ALL"), []string{"info | 3", "warning | 10"})
}
