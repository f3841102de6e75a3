package recon

import "testing"

func TestItemTotal(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "item_total", []string{
		`INSERT INTO main.orders (source, account, order_id, business_date, deleted_at) VALUES
			('soms', 'retail', 'A', '2026-04-01', NULL),
			('soms', 'retail', 'GONE', '2026-04-01', '2026-04-02 00:00:00Z'),
			('tuya', 'hotel-a', 'T', '2026-04-01', NULL),
			('starhotel', 'inn', 'S', '2026-04-01', NULL)`,
		`INSERT INTO main.order_items (source, account, order_id, line_no, title, unit_price, quantity, total_amount, discount_amount, currency) VALUES
			('soms', 'retail', 'A', 1, 'tea',      12.5,   2,     25.00,  0,   'CNY'), -- agrees
			('soms', 'retail', 'A', 2, 'apples',    9.99,  0.512,  5.12,  NULL, 'CNY'), -- 5.11488, weighed: off by 0.00512, within a cent
			('soms', 'retail', 'A', 3, 'pears',     5,     1,      5.01,  NULL, 'CNY'), -- off by exactly a cent: still no break
			('soms', 'retail', 'A', 4, 'plums',     5,     1,      5.0101, NULL, 'CNY'), -- a hundredth of a cent more
			('soms', 'retail', 'A', 5, 'figs',     20,     3,     55,     5,   'CNY'), -- the discount was taken off
			('soms', 'retail', 'A', 6, 'nuts',     15,     4,     75,     NULL, 'CNY'), -- one piece too many
			('soms', 'retail', 'A', 7, NULL,       20.01,  1,   2001,     NULL, 'CNY'), -- fen
			('soms', 'retail', 'A', 8, 'unpriced', NULL,   1,      5,     NULL, 'CNY'), -- nothing to compare
			('soms', 'retail', 'GONE', 1, 'x',      1,     1,      9,     NULL, 'CNY'), -- its order is deleted
			('tuya', 'hotel-a', 'T', 1, 'water',    5,     2,      8,     NULL, 'CNY'),
			('starhotel', 'inn', 'S', 1, 'x',       5,     2,      8,     NULL, 'CNY')`, // not a source of this rule
	}, []string{
		"A | 4 | 5.0000 | 5.0101 | 0.0101 | CNY | amount | line 4 is stated as 5.0101, but 5.00 × 1 is 5.00: differs by 0.0101.",
		"A | 5 | 60.0000 | 55.0000 | -5.0000 | CNY | one_component | line 5 is stated as 55.00, but 20.00 × 3 is 60.00: differs by 5.00, which is the line's own discount.",
		"A | 6 | 60.0000 | 75.0000 | 15.0000 | CNY | one_component | line 6 is stated as 75.00, but 15.00 × 4 is 60.00: differs by 15.00, which is the price of one piece.",
		"A | 7 | 20.0100 | 2001.0000 | 1980.9900 | CNY | unit_factor_100 | line 7 is stated as 2001.00, but 20.01 × 1 is 20.01: differs by 1980.99, a factor of exactly 100, as between yuan and fen.",
		"T | 1 | 10.0000 | 8.0000 | -2.0000 | CNY | amount | line 1 is stated as 8.00, but 5.00 × 2 is 10.00: differs by 2.00.",
	})
	equal(t, "other columns", query(t, db, "SELECT rule, severity, source, account, business_date, facts, explanation_zh FROM recon.breaks WHERE line_no = 5"), []string{
		`item_total | error | soms | retail | 2026-04-01 | ` +
			`{"title":"figs","unit_price":"20.000000","quantity":"3.000000","discount_amount":"5.0000","apportioned_discount_amount":null,"pay_amount":null} | ` +
			`第5行金额为55.00，而单价20.00×数量3应为60.00：相差5.00，恰为该行的单品优惠。`,
	})
}

// Figures that no amount column can hold cost nobody the night.
func TestItemTotalBeyondAnyAmount(t *testing.T) {
	t.Parallel()
	testCheck(t, "item_total", []string{
		`INSERT INTO main.orders (source, account, order_id) VALUES ('soms', 'retail', 'A')`,
		`INSERT INTO main.order_items (source, account, order_id, line_no, unit_price, quantity, total_amount, currency)
			VALUES ('soms', 'retail', 'A', 1, 999999999999.999999, 999999999999, 1, 'CNY')`,
	}, []string{
		"A | 1 | – | 1.0000 | – | CNY | amount | line 1 is stated as 1.00, but 999999999999.999999 × 999999999999 is 999999999998999999000000.00: differs by 999999999998999998999999.00.",
	})
}

func TestOrderGoods(t *testing.T) {
	t.Parallel()
	testCheck(t, "order_goods", []string{
		`INSERT INTO main.orders (source, account, order_id, goods_amount, net_amount, freight_amount, packaging_amount, discount_amount, currency) VALUES
			('soms', 'retail', 'A-agrees',   30,    36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'B-cent',     30.01, 36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'C-rounding', 30.02, 36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'D-amount',   30.04, 36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'E-freight',  35,    36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'F-line',     10,    36, 5, 1, 0, 'CNY'),
			('soms', 'retail', 'F-which',    20,    36, 5, 1, 0, 'CNY'), -- line 1 or the discount, both 10: nobody knows
			('soms', 'retail', 'G-no-lines', 10,    10, 0, 0, 0, 'CNY'),
			('soms', 'retail', 'H-nothing',   0,     0, 0, 0, 0, 'CNY'),
			('soms', 'retail', 'I-unknown',  99,    99, 0, 0, 0, 'CNY'),
			('tuya', 'hotel-a', 'T-agrees', NULL,   10, NULL, NULL, NULL, 'CNY'),
			('tuya', 'hotel-a', 'T-free',   NULL,   88, NULL, NULL, NULL, 'CNY'),
			('tuya', 'hotel-a', 'T-off',    NULL,   12, NULL, NULL, NULL, 'CNY')`,
		// Lines of 10 and 20, but for the orders named otherwise.
		`INSERT INTO main.order_items (source, account, order_id, line_no, pay_amount, total_amount)
			SELECT 'soms', 'retail', o, line, line * 10, 77
			FROM (VALUES ('A-agrees'), ('B-cent'), ('C-rounding'), ('D-amount'), ('E-freight'), ('F-line'), ('F-which')) v(o), (VALUES (1), (2)) l(line)`,
		`UPDATE main.orders SET discount_amount = 10 WHERE order_id = 'F-which'`,
		`INSERT INTO main.order_items (source, account, order_id, line_no, pay_amount, total_amount) VALUES
			('soms', 'retail', 'I-unknown', 1, 10, 10),
			('soms', 'retail', 'I-unknown', 2, NULL, 10), -- the sum is not known
			('tuya', 'hotel-a', 'T-agrees', 1, NULL, 10),
			('tuya', 'hotel-a', 'T-off', 1, NULL, 10)`,
	}, []string{
		"C-rounding | – | 30.0000 | 30.0200 | 0.0200 | CNY | rounding | goods are stated as 30.02, but its lines (2) come to 30.00: differs by 0.02, at most 0.01 a line, as by rounding.",
		"D-amount | – | 30.0000 | 30.0400 | 0.0400 | CNY | amount | goods are stated as 30.04, but its lines (2) come to 30.00: differs by 0.04.",
		"E-freight | – | 30.0000 | 35.0000 | 5.0000 | CNY | one_component | goods are stated as 35.00, but its lines (2) come to 30.00: differs by 5.00, which is the freight.",
		"F-line | – | 30.0000 | 10.0000 | -20.0000 | CNY | one_component | goods are stated as 10.00, but its lines (2) come to 30.00: differs by 20.00, which is line 2.",
		"F-which | – | 30.0000 | 20.0000 | -10.0000 | CNY | amount | goods are stated as 20.00, but its lines (2) come to 30.00: differs by 10.00.",
		"G-no-lines | – | – | 10.0000 | 10.0000 | CNY | missing_right | goods are stated as 10.00, but the order has no lines.",
		"T-off | – | 10.0000 | 12.0000 | 2.0000 | CNY | amount | the order is stated as 12.00, but its lines (1) come to 10.00: differs by 2.00.",
	})
}

func TestCashier(t *testing.T) {
	t.Parallel()
	testCheck(t, "cashier", []string{
		`INSERT INTO main.orders (source, account, order_id, status, net_amount, paid_amount, currency) VALUES
			('starhotel', 'inn', 'A', 'completed',   700, 700,    'CNY'),
			('starhotel', 'inn', 'B', 'completed',   700, 600,    'CNY'), -- as in the vendor's sample
			('starhotel', 'inn', 'C', 'completed',   700, 699.99, 'CNY'),
			('starhotel', 'inn', 'D', 'completed',   700, 700.02, 'CNY'),
			('starhotel', 'inn', 'E', 'in_progress', 700, 100,    'CNY'), -- still in the house
			('starhotel', 'inn', 'F', 'confirmed',   700, 800,    'CNY'), -- a deposit of a guest to come
			('starhotel', 'inn', 'O', 'in_progress', 700, 900,    'CNY'), -- a deposit of a guest in the house
			('starhotel', 'inn', 'P', 'closed',      700, 300,    'CNY'), -- nobody came, and the deposit is kept
			('starhotel', 'inn', 'Q', 'closed',      700, 0,      'CNY'),
			('starhotel', 'inn', 'R', 'completed',   700, 900,    'CNY'), -- the deposit, after the guest has left
			('starhotel', 'inn', 'G', 'canceled',    700, 0,      'CNY'),
			('starhotel', 'inn', 'H', 'canceled',    700, 200,    'CNY'),
			('starhotel', 'inn', 'I', 'canceled',    700, 700,    'CNY'),
			('starhotel', 'inn', 'J', 'completed',   700, 650,    'CNY'), -- the minibar was not paid
			('starhotel', 'inn', 'K', NULL,          700, 100,    'CNY'),
			('starhotel', 'inn', 'M', 'completed',   700, 600,    'CNY'), -- in full for three days, then not
			('starhotel', 'inn', 'N', 'completed',   700, 600,    'CNY'), -- in full for a night, before it was completed
			('soms', 'retail',   'L', 'completed',   700, 100,    'CNY')`,
		`INSERT INTO main.stays (source, account, order_id, stay_id, status, room_amount, consumption_amount) VALUES
			('starhotel', 'inn', 'J', '1', 'completed', 650, 30),
			('starhotel', 'inn', 'J', '2', 'completed', 0, 20),
			('starhotel', 'inn', 'J', '3', 'canceled', 300, 7)`,
		`INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, status, net_amount, paid_amount) VALUES
			('starhotel', 'inn', 'M', 1, '2026-03-20 20:00:00Z', '2026-03-23 20:00:00Z', 'completed', 600, 600),
			('starhotel', 'inn', 'M', 2, '2026-03-23 20:00:00Z', NULL, 'completed', 700, 600),
			('starhotel', 'inn', 'N', 1, '2026-03-20 20:00:00Z', '2026-03-23 20:00:00Z', 'in_progress', 600, 600),
			('starhotel', 'inn', 'N', 2, '2026-03-23 20:00:00Z', NULL, 'completed', 700, 600)`,
	}, []string{
		"B | – | 700.0000 | 600.0000 | -100.0000 | CNY | amount | completed, 600.00 paid of 700.00: 100.00 is still due.",
		"D | – | 700.0000 | 700.0200 | 0.0200 | CNY | amount | 700.02 paid of 700.00: 0.02 too much.",
		"H | – | 0.0000 | 200.0000 | 200.0000 | CNY | status | canceled, but 200.00 paid is kept.",
		"I | – | 0.0000 | 700.0000 | 700.0000 | CNY | status | canceled, but 700.00 paid is kept.",
		"J | – | 700.0000 | 650.0000 | -50.0000 | CNY | one_component | completed, 650.00 paid of 700.00: 50.00 is still due, which is the consumption of its stays.",
		"M | – | 700.0000 | 600.0000 | -100.0000 | CNY | late_change | completed, 600.00 paid of 700.00: 100.00 is still due, after a change first seen on 2026-03-24 04:00; until then it agreed.",
		"N | – | 700.0000 | 600.0000 | -100.0000 | CNY | amount | completed, 600.00 paid of 700.00: 100.00 is still due.",
		"P | – | 0.0000 | 300.0000 | 300.0000 | CNY | status | closed, for nobody came, but 300.00 paid is kept.",
		"R | – | 700.0000 | 900.0000 | 200.0000 | CNY | amount | 900.00 paid of 700.00: 200.00 too much.",
	})
}

func TestCourierFee(t *testing.T) {
	t.Parallel()
	testCheck(t, "courier_fee", []string{
		`INSERT INTO main.orders (source, account, order_id, freight_amount, gross_amount, discount_amount, net_amount, currency) VALUES
			('guoxiaodi', 'courier', 'A-agrees',   17,   18,   1,    17,   'CNY'), -- the quote's sample: 1700 = 300 + 1400 fen
			('guoxiaodi', 'courier', 'B-carriage', 17,   18,   1,    17,   'CNY'), -- the create answer's sample: 1700 against 100 + 100
			('guoxiaodi', 'courier', 'C-payable',  17,   20,   3,    20,   'CNY'),
			('guoxiaodi', 'courier', 'D-fen',      17,   18,   1,    0.17, 'CNY'),
			('guoxiaodi', 'courier', 'E-tips',     NULL, NULL, NULL, NULL, 'CNY'), -- total holds the tip at creation
			('guoxiaodi', 'courier', 'F-tips',     NULL, NULL, NULL, NULL, 'CNY'),
			('guoxiaodi', 'courier', 'G-count',    NULL, NULL, NULL, NULL, 'CNY'),
			('guoxiaodi', 'courier', 'H-unasked',  NULL, NULL, NULL, NULL, 'CNY'),
			('guoxiaodi', 'courier', 'I-unknown',  NULL, NULL, NULL, NULL, 'CNY'),
			('guoxiaodi', 'courier', 'J-short',    NULL, NULL, NULL, NULL, 'CNY'),
			('guoxiaodi', 'courier', 'K-alone',    NULL, NULL, NULL, NULL, 'CNY')`,
		`INSERT INTO main.deliveries (source, account, order_id, delivery_id, weight_amount, distance_amount, surcharge_amount, tip_amount, creation_tip_amount, tip_count) VALUES
			('guoxiaodi', 'courier', 'A-agrees',   'x', 3,    14,   NULL, 2,    1,    2),
			('guoxiaodi', 'courier', 'B-carriage', 'x', 1,    1,    15,   NULL, NULL, NULL),
			('guoxiaodi', 'courier', 'C-payable',  'x', 3,    14,   NULL, NULL, NULL, NULL),
			('guoxiaodi', 'courier', 'D-fen',      'x', 3,    14,   NULL, NULL, NULL, NULL),
			('guoxiaodi', 'courier', 'E-tips',     'x', NULL, NULL, NULL, 3,    1,    2),
			('guoxiaodi', 'courier', 'F-tips',     'x', NULL, NULL, NULL, 3.5,  1,    2),
			('guoxiaodi', 'courier', 'G-count',    'x', NULL, NULL, NULL, 2,    0,    3),
			('guoxiaodi', 'courier', 'H-unasked',  'x', NULL, NULL, NULL, 9,    9,    NULL),
			('guoxiaodi', 'courier', 'I-unknown',  'x', NULL, NULL, NULL, 3,    NULL, 2),
			('guoxiaodi', 'courier', 'J-short',    'x', NULL, NULL, NULL, 1,    NULL, 2),
			('guoxiaodi', 'courier', 'K-alone',    'x', NULL, NULL, NULL, 1,    1,    0)`,
		// Two tips of 1.00 for each order but those without.
		`INSERT INTO main.delivery_tips (source, account, order_id, tip_no, amount)
			SELECT 'guoxiaodi', 'courier', order_id, tip, 1 FROM main.orders, (VALUES ('t1'), ('t2')) v(tip)
			WHERE order_id NOT IN ('H-unasked', 'K-alone')`,
	}, []string{
		"B-carriage | 1 | 2.0000 | 17.0000 | 15.0000 | CNY | one_component | carriage is stated as 17.00, but weight 1.00 + distance 1.00 is 2.00: differs by 15.00, which is the surcharge.",
		"C-payable | 2 | 17.0000 | 20.0000 | 3.0000 | CNY | one_component | payable is stated as 20.00, but 20.00 less preferential 3.00 is 17.00: differs by 3.00, which is the preferential amount.",
		"D-fen | 2 | 17.0000 | 0.1700 | -16.8300 | CNY | unit_factor_100 | payable is stated as 0.17, but 18.00 less preferential 1.00 is 17.00: differs by 16.83, a factor of exactly 100, as between yuan and fen.",
		"F-tips | 3 | 2.0000 | 3.5000 | 1.5000 | CNY | amount | tips are stated as 3.50, but those listed (2) come to 2.00 (tip at creation: 1.00): differs by 1.50.",
		"G-count | 4 | 2.0000 | 3.0000 | 1.0000 | – | amount | the number of tips is stated as 3, but 2 are listed.",
		"J-short | 3 | 2.0000 | 1.0000 | -1.0000 | CNY | amount | tips are stated as 1.00, but those listed (2) come to 2.00 (tip at creation: –): differs by 1.00.",
	})
}

func TestCompleteness(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "completeness", []string{
		`INSERT INTO audit.runs (run_id, started_at) VALUES ('r1', '2026-04-01 20:00:00Z'), ('r2', '2026-04-02 20:00:00Z'), ('r3', '2026-04-03 20:00:00Z')`,
		`INSERT INTO audit.extracts (run_id, source, account, stream, filter, window_start, window_end, api_total, inserted, updated, unchanged, rejected, state) VALUES
			('r1', 'tuya', 'hotel-a', 'orders', 'MATERIAL', '2026-03-01 00:00:00Z', '2026-04-01 20:00:00Z', 500, 1, 0, 0, 0, 'unreconciled'), -- an earlier night
			('r2', 'tuya', 'hotel-a', 'orders', 'MATERIAL', '2026-03-02 00:00:00Z', '2026-04-02 20:00:00Z', 118, 10, 7, 100, 0, 'unreconciled'),
			('r2', 'tuya', 'hotel-a', 'orders', 'SERVICE',  '2026-03-02 00:00:00Z', '2026-04-02 20:00:00Z', 50, 10, 10, 29, 1, 'complete'),
			('r2', 'tuya', 'hotel-a', 'detail', NULL, NULL, NULL, NULL, 3, 0, 0, 0, 'complete'), -- the vendor states no total
			('r2', 'soms', 'retail', 'orders', NULL, '2026-04-01 00:00:00Z', '2026-04-02 00:00:00Z', 10, 8, 0, 0, 0, 'unreconciled'),
			('r2', 'soms', 'retail', 'orders', NULL, '2026-04-02 00:00:00Z', '2026-04-03 00:00:00Z', 10, 12, 0, 0, 0, 'unreconciled'), -- two more must not hide two less
			('r2', 'starhotel', 'inn', 'orders', NULL, NULL, NULL, 10, 9, 0, 0, 0, 'unreconciled'),
			('r3', 'starhotel', 'inn', 'orders', NULL, NULL, NULL, NULL, 0, 0, 0, 0, 'failed')`, // nothing was learned
	}, []string{
		"orders | 1 | 10.0000 | 8.0000 | -2.0000 | – | amount | the vendor states 10 records of orders, 8 are loaded: 2 missing; windows off: 1 (2026-04-01 00:00 – 2026-04-02 00:00 UTC: 8/10).",
		"orders | 1 | 10.0000 | 9.0000 | -1.0000 | – | amount | the vendor states 10 records of orders, 9 are loaded: 1 missing; windows off: 1 (begin – end: 9/10).",
		"orders | 2 | 10.0000 | 12.0000 | 2.0000 | – | amount | the vendor states 10 records of orders, 12 are loaded: 2 too many; windows off: 1 (2026-04-02 00:00 – 2026-04-03 00:00 UTC: 12/10).",
		"orders MATERIAL | 1 | 118.0000 | 117.0000 | -1.0000 | – | amount | the vendor states 118 records of orders MATERIAL, 117 are loaded: 1 missing; windows off: 1 (2026-03-02 00:00 – 2026-04-02 20:00 UTC: 117/118).",
	})
	// The next night the window has moved on; the break is the same and has
	// its age.
	exec(t, db, `INSERT INTO audit.runs (run_id, started_at) VALUES ('r4', '2026-04-04 20:00:00Z');
		INSERT INTO audit.extracts (run_id, source, account, stream, filter, window_start, window_end, api_total, inserted, updated, unchanged, rejected, state) VALUES
		('r4', 'tuya', 'hotel-a', 'orders', 'MATERIAL', '2026-03-03 00:00:00Z', '2026-04-04 20:00:00Z', 120, 119, 0, 0, 0, 'unreconciled'),
		('r4', 'soms', 'retail', 'orders', NULL, '2026-04-01 00:00:00Z', '2026-04-05 00:00:00Z', 20, 0, 0, 20, 0, 'complete')`)
	audit(t, db, night(4), only(t, "completeness"))
	equal(t, "the night after", query(t, db, `SELECT source, order_id, line_no, expected, actual, status, first_seen::DATE, last_seen::DATE FROM recon.breaks ORDER BY source, line_no`), []string{
		"soms | orders | 1 | 10.0000 | 8.0000 | resolved | 2026-04-01 | 2026-04-01",
		"soms | orders | 2 | 10.0000 | 12.0000 | resolved | 2026-04-01 | 2026-04-01",
		"starhotel | orders | 1 | 10.0000 | 9.0000 | open | 2026-04-01 | 2026-04-04",
		"tuya | orders MATERIAL | 1 | 120.0000 | 119.0000 | open | 2026-04-01 | 2026-04-04",
	})
}
