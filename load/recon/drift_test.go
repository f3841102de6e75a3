package recon

import (
	"slices"
	"testing"
)

// Orders one cent short, each within the tolerance: 101 of store 101 are 1.01
// short and a drift, 100 of store 102 are 1.00 and none, and 200 of store 103
// make up for each other. 101 of store 104 are of two days, 101 of the account
// without stores are of two currencies.
func TestDrift(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "drift", []string{
		`INSERT INTO main.orders (source, account, order_id, store_id, business_date, flow, status, payment_status, net_amount, currency)
			SELECT 'soms', account, prefix || n, store, CASE WHEN prefix = 'e' AND n > 50 THEN DATE '2026-04-02' ELSE DATE '2026-04-01' END,
				'revenue', 'completed', 'paid', 10, CASE WHEN prefix = 'f' AND n > 50 THEN 'EUR' ELSE 'CNY' END
			FROM (VALUES ('retail', 'a', '101', 101), ('retail', 'b', '102', 100), ('retail', 'c', '103', 100), ('retail', 'd', '103', 100),
				('retail', 'e', '104', 101), ('other', 'f', NULL, 101)) v(account, prefix, store, orders), range(1, orders + 1) r(n)`,
		`INSERT INTO main.payments (source, account, order_id, line_no, amount, currency)
			SELECT source, account, order_id, 1, CASE WHEN order_id[1] = 'd' THEN 10.01 ELSE 9.99 END, currency FROM main.orders`,
	}, nil) // of other checks' differences: alone it finds nothing
	rules := slices.Concat(only(t, "payment_total"), only(t, "drift"))
	drifts := func(run int, what string, want ...string) {
		t.Helper()
		result := audit(t, db, night(run), rules)
		if result.Full != (run == 2) {
			t.Errorf("%s: looked at everything: %v", what, result.Full)
		}
		equal(t, what, query(t, db, "SELECT order_id, account, expected, actual, difference, severity, status FROM recon.breaks ORDER BY order_id"), want)
	}
	// 101 × 10.00 and 101 × 9.99.
	drifts(2, "all", "payment_total 101 2026-04-01 revenue CNY | retail | 1010.0000 | 1008.9900 | -1.0100 | warning | open")
	equal(t, "sentence", query(t, db, "SELECT explanation_en, explanation_zh FROM recon.breaks"), []string{
		"101 differences of the check Payments in 101 orders at 101, each within its tolerance, add up to 1.01: stated are 1008.99, by the check 1010.00. | " +
			"门店（账户）101的101笔订单在核对项“收款合计”上有101处未超容差的差异，累计1.01：所报合计1008.99，应为1010.00。",
	})
	// One order changes: the others of its store and date still count.
	exec(t, db, `UPDATE main.payments SET amount = 9.98 WHERE order_id = 'b1'; UPDATE main.payments SET amount = 10 WHERE order_id = 'b2';
		INSERT INTO recon.changed VALUES ('soms', 'retail', 'b1'), ('soms', 'retail', 'b2')`)
	drifts(3, "b1 is beyond the tolerance now, and b2 agrees",
		"b1 | retail | 10.0000 | 9.9800 | -0.0200 | error | open",
		"payment_total 101 2026-04-01 revenue CNY | retail | 1010.0000 | 1008.9900 | -1.0100 | warning | open")
	exec(t, db, `UPDATE main.payments SET amount = 9.99 WHERE order_id IN ('b1', 'b2');
		INSERT INTO main.orders (source, account, order_id, store_id, business_date, flow, status, payment_status, net_amount, currency) VALUES ('soms', 'retail', 'b101', '102', '2026-04-01', 'revenue', 'completed', 'paid', 10, 'CNY');
		INSERT INTO main.payments (source, account, order_id, line_no, amount, currency) VALUES ('soms', 'retail', 'b101', 1, 9.99, 'CNY');
		UPDATE main.orders SET deleted_at = '2026-04-03 00:00:00Z' WHERE order_id = 'a7';
		INSERT INTO recon.changed VALUES ('soms', 'retail', 'b1'), ('soms', 'retail', 'b2'), ('soms', 'retail', 'b101'), ('soms', 'retail', 'a7')`)
	drifts(4, "one more in 102, one less in 101",
		"b1 | retail | 10.0000 | 9.9800 | -0.0200 | error | resolved",
		"payment_total 101 2026-04-01 revenue CNY | retail | 1010.0000 | 1008.9900 | -1.0100 | warning | resolved",
		"payment_total 102 2026-04-01 revenue CNY | retail | 1010.0000 | 1008.9900 | -1.0100 | warning | open")
}
