package recon

import "testing"

// Orders of the shop and the courier. The shop's order X is the courier's
// sourceOrderNo X. All figures are made up; expected ones are worked out by
// hand beside each case.
const (
	shopOrders = `INSERT INTO main.orders (source, account, order_id, status, refund_status, business_date, currency, deleted_at)
		SELECT 'soms', 'retail', o, s, r, '2026-04-01', 'CNY', CASE WHEN gone THEN TIMESTAMPTZ '2026-04-02 00:00:00Z' END FROM (VALUES `
	shopWaybills = `INSERT INTO main.deliveries (source, account, order_id, delivery_id, waybill_no, carrier, status, fee_amount, currency)
		SELECT 'soms', 'retail', o, w, w, c, s, f, 'CNY' FROM (VALUES `
	courierOrders = `INSERT INTO main.orders (source, account, order_id, link_ref, status, net_amount, discount_amount, deduction_amount, created_at, finished_at, business_date, currency, deleted_at)
		SELECT 'guoxiaodi', 'courier', o, x, s, f, 0, d, TIMESTAMPTZ '2026-04-01 01:00:00Z' + INTERVAL (n) MINUTE,
			CASE WHEN s = 'completed' THEN TIMESTAMPTZ '2026-04-01 02:00:00Z' END, '2026-04-01', 'CNY', CASE WHEN gone THEN TIMESTAMPTZ '2026-04-02 00:00:00Z' END FROM (VALUES `
)

func TestCourierVsShop(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "courier_vs_shop", []string{
		shopOrders + `
			('A-agrees', 'completed', 'none', false), ('B-cent', 'completed', 'none', false), ('C-beyond', 'completed', 'none', false),
			('D-fen', 'completed', 'none', false), ('E-tip', 'completed', 'none', false), ('F-later-tip', 'completed', 'none', false),
			('G-both', 'completed', 'none', false), ('H-shop-canceled', 'canceled', 'none', false), ('I-courier-canceled', 'completed', 'none', false),
			('J-refunded', 'completed', 'refunded', false), ('K-two', 'completed', 'none', false), ('L-unknown', 'completed', 'none', false),
			('M-deleted', 'completed', 'none', true), ('N-courier-deleted', 'completed', 'none', false), ('O-other', 'completed', 'none', false),
			('P-late', 'completed', 'none', false), ('Q-twice', 'completed', 'none', false)) v(o, s, r, gone)`,
		shopWaybills + `
			('A-agrees', 'W1', 'gxd', 'completed', 7.65), ('B-cent', 'W2', 'gxd', 'completed', 7.66), ('C-beyond', 'W3', 'gxd', 'completed', 7.6601),
			('D-fen', 'W4', 'gxd', 'completed', 765), ('E-tip', 'W5', 'gxd', 'completed', 9.65), ('F-later-tip', 'W6', 'gxd', 'completed', 10.65),
			('G-both', 'W7', 'gxd', 'completed', 9.65), ('H-shop-canceled', 'W8', 'gxd', 'canceled', 9), ('I-courier-canceled', 'W9', 'gxd', 'completed', 9),
			('J-refunded', 'W10', 'gxd', 'completed', 9), ('K-two', 'W11', 'gxd', 'completed', 5), ('K-two', 'W12', 'gxd', 'completed', 6),
			('K-two', 'W13', 'dada', 'completed', 100), -- another carrier's
			('L-unknown', 'W14', 'gxd', 'completed', NULL), ('M-deleted', 'W15', 'gxd', 'completed', 9), ('N-courier-deleted', 'W16', 'gxd', 'completed', 9),
			('O-other', 'W17', 'dada', 'completed', 9), ('P-late', 'W18', 'gxd', 'completed', 7), ('Q-twice', 'W19', 'gxd', 'completed', 9)) v(o, w, c, s, f)`,
		courierOrders + `
			('a', 'A-agrees', 'completed', 7.65, NULL, 1, false), ('b', 'B-cent', 'completed', 7.65, NULL, 1, false), ('c', 'C-beyond', 'completed', 7.65, NULL, 1, false),
			('d', 'D-fen', 'completed', 7.65, NULL, 1, false), ('e', 'E-tip', 'completed', 7.65, NULL, 1, false), ('f', 'F-later-tip', 'completed', 7.65, NULL, 1, false),
			('g', 'G-both', 'completed', 7.65, NULL, 1, false), ('h', 'H-shop-canceled', 'completed', 7.65, NULL, 1, false), ('i', 'I-courier-canceled', 'canceled', 7.65, 2, 1, false),
			('j', 'J-refunded', 'completed', 7.65, NULL, 1, false), ('k1', 'K-two', 'completed', 4, NULL, 1, false), ('k2', 'K-two', 'in_progress', 4, NULL, 2, false),
			('k0', 'K-two', 'canceled', 50, 1, 0, false), -- called off: the two that follow count
			('l', 'L-unknown', 'completed', 7.65, NULL, 1, false), ('m', 'M-deleted', 'completed', 7.65, NULL, 1, false), ('n', 'N-courier-deleted', 'completed', 7.65, NULL, 1, true),
			('o', 'O-other', 'completed', 7.65, NULL, 1, false), ('p', 'P-late', 'completed', 9, NULL, 1, false), ('q', 'Q-twice', 'completed', 7, NULL, 1, false)) v(o, x, s, f, d, n, gone)`,
		// The tip of 2.00 at creation is in the total. F: 1.00 was added later, 3.00 are all. G: the tip and the surcharge are both 2.00.
		`INSERT INTO main.deliveries (source, account, order_id, delivery_id, creation_tip_amount, tip_amount, surcharge_amount) VALUES
			('guoxiaodi', 'courier', 'e', 'x', 2, 2, 0), ('guoxiaodi', 'courier', 'f', 'x', 2, 3, 0), ('guoxiaodi', 'courier', 'g', 'x', 2, 2, 2)`,
		// P agreed for two days after the delivery. Q never did, and changed within the day.
		`INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, net_amount, status) VALUES
			('guoxiaodi', 'courier', 'p', 1, '2026-04-01 20:00:00Z', '2026-04-03 20:00:00Z', 7, 'completed'),
			('guoxiaodi', 'courier', 'p', 2, '2026-04-03 20:00:00Z', NULL, 9, 'completed'),
			('guoxiaodi', 'courier', 'q', 1, '2026-03-31 20:00:00Z', '2026-04-01 20:00:00Z', 9, 'in_progress'),
			('guoxiaodi', 'courier', 'q', 2, '2026-04-01 20:00:00Z', NULL, 7, 'completed')`,
	}, []string{
		"C-beyond | – | 7.6500 | 7.6601 | 0.0101 | CNY | amount | the shop states a freight of 7.6601 (W3), the courier charged 7.65 (order c): differs by 0.0101.",
		"D-fen | – | 7.6500 | 765.0000 | 757.3500 | CNY | unit_factor_100 | the shop states a freight of 765.00 (W4), the courier charged 7.65 (order d): differs by 757.35, a factor of exactly 100, as between yuan and fen.",
		"E-tip | – | 7.6500 | 9.6500 | 2.0000 | CNY | one_component | the shop states a freight of 9.65 (W5), the courier charged 7.65 (order e): differs by 2.00, which is the tip given at creation.",
		"F-later-tip | – | 7.6500 | 10.6500 | 3.0000 | CNY | one_component | the shop states a freight of 10.65 (W6), the courier charged 7.65 (order f): differs by 3.00, which is the tips.",
		"G-both | – | 7.6500 | 9.6500 | 2.0000 | CNY | amount | the shop states a freight of 9.65 (W7), the courier charged 7.65 (order g): differs by 2.00.",
		"K-two | – | 8.0000 | 11.0000 | 3.0000 | CNY | amount | the shop states a freight of 11.00 (W11, W12), the courier charged 8.00 (order k1): differs by 3.00.",
		// 2026-04-03 20:00 UTC is 04:00 of the day after in Shanghai.
		"P-late | – | 9.0000 | 7.0000 | -2.0000 | CNY | late_change | the shop states a freight of 7.00 (W18), the courier charged 9.00 (order p): differs by 2.00, after a change first seen on 2026-04-04 04:00; until then it agreed.",
		"Q-twice | – | 7.0000 | 9.0000 | 2.0000 | CNY | amount | the shop states a freight of 9.00 (W19), the courier charged 7.00 (order q): differs by 2.00.",
	})
	equal(t, "Chinese", query(t, db, "SELECT explanation_zh FROM recon.breaks WHERE order_id IN ('E-tip', 'P-late') ORDER BY order_id"), []string{
		"店铺运费为9.65（运单W5），配送商收取7.65（订单e）：相差2.00，恰为下单小费。",
		"店铺运费为7.00（运单W18），配送商收取9.00（订单p）：相差2.00，自2026-04-04 04:00发现变动，此前相符。",
	})
	// Deleted orders are linked with nothing.
	equal(t, "links", query(t, db, "SELECT order_id, right_order_id, certainty FROM recon.links WHERE rule = 'courier' AND order_id IN ('K-two', 'M-deleted', 'N-courier-deleted', 'O-other') ORDER BY ALL"), []string{
		"K-two | k0 | exact", "K-two | k1 | exact", "K-two | k2 | exact", "O-other | o | exact",
	})
}

func TestCourierMissing(t *testing.T) {
	t.Parallel()
	testCheck(t, "courier_missing", []string{
		shopOrders + `
			('A-there', 'completed', 'none', false), ('B-missing', 'completed', 'none', false), ('C-canceled', 'canceled', 'none', false),
			('D-not-yet', 'confirmed', 'none', false), ('E-deleted-there', 'completed', 'none', false), ('F-deleted', 'completed', 'none', true),
			('G-other', 'completed', 'none', false), ('H-other', 'completed', 'none', false), ('I-stateless', 'completed', 'none', false),
			('J-canceled-there', 'completed', 'none', false)) v(o, s, r, gone)`,
		shopWaybills + `
			('A-there', 'W1', 'gxd', 'completed', 5), ('B-missing', 'W2', 'gxd', 'in_progress', 6), ('C-canceled', 'W3', 'gxd', 'canceled', 6),
			('D-not-yet', 'W4', 'gxd', 'pending', 6), ('E-deleted-there', 'W5', 'gxd', 'completed', 6), ('F-deleted', 'W6', 'gxd', 'completed', 6),
			('G-other', 'W7', 'dada', 'completed', 6), ('H-other', 'W8', 'dada', 'completed', 6), ('I-stateless', 'W9', 'gxd', NULL, NULL),
			('J-canceled-there', 'W10', 'gxd', 'completed', 6)) v(o, w, c, s, f)`,
		courierOrders + `
			('a', 'A-there', 'completed', 5, NULL, 1, false),
			('e', 'E-deleted-there', 'completed', 5, NULL, 1, true),
			('f', 'F-deleted', 'completed', 7, NULL, 1, false),
			('h', 'H-other', 'completed', 8, NULL, 1, false),
			('j', 'J-canceled-there', 'canceled', 8, NULL, 1, false), -- courier_status says that
			('x1', 'nowhere', 'completed', 9, NULL, 1, false),
			('x2', 'nowhere', 'canceled', 9, NULL, 1, false), -- costs nothing
			('x3', 'nowhere', 'canceled', 9, 0, 1, false),
			('x4', 'nowhere', 'canceled', 9, 3, 1, false),
			('x5', 'nowhere', 'refunded', 9, NULL, 1, false),
			('x6', NULL, 'completed', 4, NULL, 1, false),
			('x7', 'nowhere', 'in_progress', NULL, NULL, 1, false)) v(o, x, s, f, d, n, gone)`,
		// Of r1 to r3 the register alone told; of r4 the courier named the account, of r5 another courier's account has it.
		`INSERT INTO main.orders (source, account, order_id, kind, flow, link_ref, net_amount, store_id, business_date, currency) VALUES
			('guoxiaodi', 'courier', 'r1', 'delivery', 'cost', 'A-there', 9, NULL, '2026-04-01', 'CNY'),
			('guoxiaodi', 'courier', 'r2', 'delivery', 'cost', NULL, 8, NULL, '2026-04-01', 'CNY'),
			('guoxiaodi', 'courier', 'r3', 'delivery', 'cost', 'nowhere', NULL, NULL, '2026-04-01', 'CNY'),
			('guoxiaodi', 'courier', 'r4', 'delivery', 'cost', 'A-there', 9, 'GXD', '2026-04-01', 'CNY'),
			('guoxiaodi', 'alone', 'r5', 'delivery', 'cost', NULL, 9, NULL, '2026-04-01', 'CNY')`,
	}, []string{
		"B-missing | – | – | 6.0000 | 6.0000 | CNY | missing_right | the shop sent this order by gxd (waybill W2, freight 6.00), but the courier has no such order.",
		"E-deleted-there | – | – | 6.0000 | 6.0000 | CNY | missing_right | the shop sent this order by gxd (waybill W5, freight 6.00), but the courier has no such order.",
		"I-stateless | – | – | – | 0.0000 | CNY | missing_right | the shop sent this order by gxd (waybill W9, freight –), but the courier has no such order.",
		"f | – | – | 7.0000 | 7.0000 | CNY | missing_right | the courier charges 7.00 for the shop's order F-deleted, but the shop has no such order.",
		"h | – | – | 8.0000 | 8.0000 | CNY | missing_right | the courier charges 8.00 for the shop's order H-other, but the shop did not send it by this courier.",
		"r1 | – | – | 9.0000 | 9.0000 | CNY | missing_right | the register has this courier order, of 9.00, but the courier answers for no order of this number.",
		"r2 | – | – | 8.0000 | 8.0000 | CNY | missing_right | the register has this courier order, of 8.00, but the courier answers for no order of this number.",
		"r3 | – | – | – | 0.0000 | CNY | missing_right | the register has this courier order, of –, but the courier answers for no order of this number.",
		"r5 | – | – | 9.0000 | 9.0000 | CNY | missing_right | the register has this courier order, of 9.00, but the courier answers for no order of this number.",
		"x1 | – | – | 9.0000 | 9.0000 | CNY | missing_right | the courier charges 9.00 for the shop's order nowhere, but the shop has no such order.",
		"x4 | – | – | 3.0000 | 3.0000 | CNY | missing_right | the courier charges 3.00 for the shop's order nowhere, but the shop has no such order.",
		"x6 | – | – | 4.0000 | 4.0000 | CNY | missing_right | the courier charges 4.00 for an order that names none of the shop's.",
		"x7 | – | – | – | 0.0000 | CNY | missing_right | the courier charges – for the shop's order nowhere, but the shop has no such order.",
	})
}

// The courier may know the shop's orders by other numbers than their ids, or
// have them as its own.
func TestCourierByOtherNumbers(t *testing.T) {
	t.Parallel()
	for number, want := range map[string][]string{
		"order_no":   {"A | a", "B | b"},
		"waybill_no": {"A | wa"},
	} {
		db := database(t,
			`INSERT INTO main.orders (source, account, order_id, order_no, status) VALUES ('soms', 'retail', 'A', 'no-a', 'completed'), ('soms', 'retail', 'B', 'b', 'completed')`,
			shopWaybills+`('A', 'way-a', 'gxd', 'completed', 5)) v(o, w, c, s, f)`,
			`INSERT INTO main.orders (source, account, order_id, link_ref, status) VALUES ('guoxiaodi', 'courier', 'a', 'no-a', 'completed'),
				('guoxiaodi', 'courier', 'b', NULL, 'completed'), ('guoxiaodi', 'courier', 'wa', 'way-a', 'completed')`)
		o := hamlet
		o.Couriers = []Courier{{Source: "guoxiaodi", Account: "courier", ShopSource: "soms", ShopAccount: "retail", Carriers: []string{"gxd"}, Number: number}}
		auditBy(t, db, night(1), o, only(t, "courier_missing"))
		equal(t, number, query(t, db, "SELECT order_id, right_order_id FROM recon.links ORDER BY ALL"), want)
	}
}

func TestCourierStatus(t *testing.T) {
	t.Parallel()
	testCheck(t, "courier_status", []string{
		shopOrders + `
			('A-both-delivered', 'completed', 'none', false), ('B-shop-delivered', 'completed', 'none', false), ('C-courier-delivered', 'canceled', 'none', false),
			('D-both-canceled', 'canceled', 'none', false), ('E-deducted', 'canceled', 'none', false), ('F-second-call', 'completed', 'none', false),
			('G-refunded-later', 'completed', 'none', false), ('H-refunded', 'completed', 'none', false), ('I-on-its-way', 'in_progress', 'none', false),
			('J-deleted', 'completed', 'none', true), ('K-deducted-second', 'completed', 'none', false), ('L-delivered-deducted', 'completed', 'none', false)) v(o, s, r, gone)`,
		courierOrders + `
			('a', 'A-both-delivered', 'completed', 5, NULL, 1, false),
			('b', 'B-shop-delivered', 'canceled', 5, NULL, 1, false),
			('c', 'C-courier-delivered', 'completed', 5, NULL, 1, false),
			('d', 'D-both-canceled', 'canceled', 5, 0, 1, false),
			('e', 'E-deducted', 'canceled', 5, 2, 1, false),
			('f1', 'F-second-call', 'canceled', 5, 0, 1, false), ('f2', 'F-second-call', 'completed', 5, NULL, 2, false),
			('g', 'G-refunded-later', 'refunded', 5, NULL, 1, false),
			('h', 'H-refunded', 'refunded', 5, NULL, 1, false),
			('i', 'I-on-its-way', 'canceled', 5, NULL, 1, false),
			('j', 'J-deleted', 'canceled', 5, 2, 1, false),
			('k1', 'K-deducted-second', 'canceled', 5, 1, 1, false), ('k2', 'K-deducted-second', 'completed', 5, NULL, 2, false),
			('l', 'L-delivered-deducted', 'canceled', 5, 2, 1, false)) v(o, x, s, f, d, n, gone)`,
		`UPDATE main.orders SET finished_at = '2026-04-01 02:00:00Z' WHERE order_id = 'g'`, // delivered, then paid back
	}, []string{
		"B-shop-delivered | – | – | – | 0.0000 | CNY | status | delivered says the shop, canceled says the courier (order b); the courier keeps 0.00.",
		"C-courier-delivered | – | – | – | 0.0000 | CNY | status | canceled says the shop, delivered says the courier (order c), which charges 5.00.",
		"E-deducted | – | 0.0000 | 2.0000 | 2.0000 | CNY | status | the courier's order e is canceled, but 2.00 of it is kept.",
		"H-refunded | – | – | – | 0.0000 | CNY | status | delivered says the shop, refunded says the courier (order h); the courier keeps 0.00.",
		"K-deducted-second | – | 0.0000 | 1.0000 | 1.0000 | CNY | status | the courier's order k1 is canceled, but 1.00 of it is kept.",
		"L-delivered-deducted | – | – | – | 0.0000 | CNY | status | delivered says the shop, canceled says the courier (order l); the courier keeps 2.00.",
	})
}
