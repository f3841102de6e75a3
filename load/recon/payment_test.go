package recon

import "testing"

// A pays with f1, B with f1 again, C with the wallet's number of A; the parts
// of m1 and D's own main order share a payment rightly, a reissue stands for
// its order, X is deleted, and no number is no payment.
func TestPaymentReused(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "payment_reused", []string{
		`INSERT INTO main.orders (source, account, order_id, order_no, business_date, status, created_at, deleted_at, currency) VALUES
			('soms', 'retail', 'A', 'na', '2026-04-01', 'completed', '2026-04-01 01:00:00Z', NULL, 'CNY'),
			('soms', 'retail', 'B', 'nb', '2026-04-02', 'completed', '2026-04-01 02:00:00Z', NULL, 'CNY'),
			('soms', 'other',  'C', 'nc', '2026-04-02', 'completed', '2026-04-01 03:00:00Z', NULL, 'CNY'),
			('soms', 'retail', 'D', 'nd', '2026-04-02', 'completed', '2026-04-01 04:00:00Z', NULL, 'CNY'),
			('soms', 'retail', 'E', 'ne', '2026-04-02', 'completed', '2026-04-01 05:00:00Z', NULL, 'CNY'), -- a part of D
			('soms', 'retail', 'F', 'nf', '2026-04-02', 'completed', '2026-04-01 06:00:00Z', NULL, 'CNY'), -- another
			('soms', 'retail', 'G', 'ng', '2026-04-02', 'completed', '2026-04-01 07:00:00Z', NULL, 'CNY'), -- a reissue of A
			('soms', 'retail', 'H', 'nh', '2026-04-02', 'canceled',  '2026-04-01 08:00:00Z', NULL, 'CNY'),
			('soms', 'retail', 'I', 'ni', '2026-04-02', 'completed', '2026-04-01 09:00:00Z', NULL, 'CNY'), -- after the canceled H
			('soms', 'retail', 'X', 'nx', '2026-04-02', 'completed', '2026-04-01 00:00:00Z', '2026-04-02 00:00:00Z', 'CNY'),
			('soms', 'retail', 'Y', 'ny', '2026-04-02', 'completed', '2026-04-01 09:30:00Z', NULL, 'CNY'),
			('soms', 'retail', 'Z', 'nz', '2026-04-02', 'completed', '2026-04-01 09:40:00Z', NULL, 'CNY')`,
		`INSERT INTO main.settlements (source, account, order_id, main_order_id, reissue_reason) VALUES
			('soms', 'retail', 'E', 'nd', NULL), ('soms', 'retail', 'F', 'nd', NULL), ('soms', 'retail', 'G', NULL, '漏发')`,
		`INSERT INTO main.payments (source, account, order_id, line_no, method_name, amount, currency, flow_no, external_pay_id) VALUES
			('soms', 'retail', 'A', 1, '微信支付', 106,   'CNY', 'f1', 'w1'),
			('soms', 'retail', 'B', 1, '现金',     5,     'CNY', NULL, NULL),
			('soms', 'retail', 'B', 2, '微信支付', 100.5, 'CNY', 'f1', NULL),
			('soms', 'other',  'C', 1, '微信支付', 20,    'CNY', 'fc', ' w1'),
			('soms', 'retail', 'D', 1, '微信支付', 30,    'CNY', 'f2', NULL),
			('soms', 'retail', 'E', 1, '微信支付', 10,    'CNY', 'f2', NULL),
			('soms', 'retail', 'F', 1, '微信支付', 20,    'CNY', 'f2', NULL),
			('soms', 'retail', 'G', 1, '微信支付', 106,   'CNY', 'f1', 'w1'),
			('soms', 'retail', 'H', 1, '支付宝',   40,    'CNY', 'f3', NULL),
			('soms', 'retail', 'I', 1, '支付宝',   40,    'CNY', 'f3', NULL),
			('soms', 'retail', 'X', 1, '微信支付', 106,   'CNY', 'f1', 'w1'),
			('soms', 'retail', 'Y', 1, '现金',     7,     'CNY', '', ' '),
			('soms', 'retail', 'Z', 1, '现金',     7,     'CNY', '', 'f1')`, // the other kind of number
	}, []string{
		"B | 2 | – | 100.5000 | 100.5000 | CNY | duplicate | payment f1 of 100.50 (line 2, 微信支付) pays this order too: before it paid order A with 106.00.",
		"C | 1 | – | 20.0000 | 20.0000 | CNY | duplicate | payment w1 of 20.00 (line 1, 微信支付) pays this order too: before it paid order A with 106.00.",
		"I | 1 | – | 40.0000 | 40.0000 | CNY | duplicate | payment f3 of 40.00 (line 1, 支付宝) stands here (completed) and before in order H with 40.00 (canceled).",
	})
	equal(t, "severities", query(t, db, "SELECT order_id, severity, account, right_account, business_date FROM recon.breaks ORDER BY order_id"), []string{
		"B | error | retail | retail | 2026-04-02", "C | error | other | retail | 2026-04-02", "I | info | retail | retail | 2026-04-02",
	})
	equal(t, "in Chinese", query(t, db, "SELECT explanation_zh FROM recon.breaks WHERE order_id = 'B'"), []string{
		"第2笔收款（微信支付）100.50的支付单号f1已用于订单A（106.00），属重复使用。",
	})
}
