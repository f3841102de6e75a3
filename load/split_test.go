package load

import "testing"

// The order 2 stands under both names and goes to the new one, with its versions,
// its break and what people wrote; order 1 stays. Of April, closed with 10 and 19
// under the earlier name, each name has its part and the whole is what it was; of
// March, closed when both names had 7, nothing is touched.
func TestSplit(t *testing.T) {
	t.Parallel()
	w, run := settled(t, twoNames+`
UPDATE main.orders SET business_date = '2026-04-10';
UPDATE audit.order_versions SET business_date = '2026-04-10';
UPDATE audit.order_versions SET valid_from = '2026-04-30 19:00:00Z' WHERE source = 'soms' AND order_id = '1';
INSERT INTO audit.closes (period, date_from, date_to, closed_at, entry_id) VALUES
	('2026-04', '2026-04-01', '2026-04-30', '2026-05-01 12:00:00Z', 'april'), ('2026-03', '2026-03-01', '2026-03-31', '2026-05-01 12:00:00Z', 'march');
INSERT INTO audit.close_totals (period, entry_id, source, account, orders, net_amount) VALUES
	('2026-04', 'april', 'soms', 'old', 2, 29), ('2026-03', 'march', 'soms', 'old', 1, 7), ('2026-03', 'march', 'soms', 'new', 1, 7);
`)
	if err := w.Change(t.Context(), &AccountChange{Run: run, Source: "soms", Account: "new", Setting: SettingSplit, Before: "old", After: "new", Orders: 1}); err != nil {
		t.Fatal(err)
	}
	wantRows(t, w, "SELECT source, account, order_id, net_amount FROM main.orders ORDER BY ALL",
		"soms | new | 2 | 25.0000", "soms | old | 1 | 10.0000", "tuya | old | 1 | 5.0000")
	wantRows(t, w, "SELECT account, order_id, line_no FROM main.order_items ORDER BY ALL", "new | 2 | 1", "old | 1 | 1")
	wantRows(t, w, "SELECT account, order_id, version_no, net_amount FROM audit.order_versions WHERE source = 'soms' ORDER BY ALL",
		"new | 2 | 1 | 19.0000", "new | 2 | 2 | 20.0000", "new | 2 | 3 | 25.0000", "old | 1 | 1 | 10.0000")
	wantRows(t, w, "SELECT source, account, order_id, coalesce(right_account, '-'), status, comment FROM recon.breaks ORDER BY ALL",
		"guoxiaodi | c | G | old | open | third",
		"soms | new | 2 | - | accepted | second",
		"soms | old | 1 | - | explained | first",
		"tuya | old | 1 | - | open | another source")
	wantRows(t, w, "SELECT count(*) FROM recon.breaks WHERE break_id <> recon.break_id(rule, source, account, order_id, line_no, right_source, right_account, right_order_id, NULL)", "0")
	wantRows(t, w, "SELECT period, account, orders, net_amount FROM audit.close_totals ORDER BY ALL",
		"2026-03 | new | 1 | 7.0000", "2026-03 | old | 1 | 7.0000", "2026-04 | new | 1 | 19.0000", "2026-04 | old | 1 | 10.0000")
	wantRows(t, w, "SELECT account FROM audit.accounts ORDER BY ALL", "new", "old")
	wantRows(t, w, "SELECT account, setting, value_before, value_after, orders_moved FROM audit.basis_changes", "new | split_from | old | new | 1")
}
