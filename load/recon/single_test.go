package recon

import (
	"slices"
	"testing"
)

// The checks of one source by itself. The rows and what must come of them are
// worked out by hand.

func TestItemPay(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "item_pay", []string{
		`INSERT INTO main.orders (source, account, order_id, status, deleted_at) VALUES
			('soms', 'retail', 'A', 'completed', NULL),
			('soms', 'retail', 'CANCELED', 'canceled', NULL),
			('soms', 'retail', 'GONE', 'completed', '2026-04-02 00:00:00Z'),
			('tuya', 'hotel-a', 'T', 'completed', NULL)`,
		`INSERT INTO main.order_items (source, account, order_id, line_no, unit_price, total_amount, apportioned_discount_amount, discount_amount, pay_amount, currency, is_gift) VALUES
			('soms', 'retail', 'A',  1, 12.5, 25,    2.5,  1.5,  21,      'CNY', false), -- agrees
			('soms', 'retail', 'A',  2, 12.5, 25,    2.5,  1.5,  21.01,   'CNY', false), -- a cent: no break
			('soms', 'retail', 'A',  3, 12.5, 25,    2.5,  1.5,  20.9899, 'CNY', false), -- a hundredth of a cent more
			('soms', 'retail', 'A',  4, 9.9,   9.9,  0,    9.9,   0,      'CNY', true),  -- a gift
			('soms', 'retail', 'A',  5, 9.9,   9.9,  0,    9.9,   9.9,    'CNY', true),  -- a gift that was charged
			('soms', 'retail', 'A',  6, 20,   60,    7,    5,    53,      'CNY', false), -- its own discount not given
			('soms', 'retail', 'A',  7, 20,   60,    7,    5,    55,      'CNY', false), -- its share not given
			('soms', 'retail', 'A',  8, 20,   60,    7,    5,    28,      'CNY', false), -- one piece not charged
			('soms', 'retail', 'A',  9, 20,   60,    7,    5,    4800,    'CNY', false), -- fen
			('soms', 'retail', 'A', 10, 20,   60,    7,    5,    50,      'CNY', false), -- 2.00 too much
			('soms', 'retail', 'A', 11, 20,   60,    NULL, 5,    1,       'CNY', false), -- the vendor does not say
			('soms', 'retail', 'A', 12, 20,   60,    7,    NULL, 1,       'CNY', false),
			('soms', 'retail', 'A', 13, 20,   NULL,  7,    5,    1,       'CNY', false),
			('soms', 'retail', 'A', 14, 20,   60,    7,    5,    NULL,    'CNY', false),
			('soms', 'retail', 'CANCELED', 1, 20, 60, 0,   0,    61,      'CNY', false), -- wrong is wrong, whatever became of the order
			('soms', 'retail', 'GONE', 1, 20, 60,    0,    0,    61,      'CNY', false),
			('tuya', 'hotel-a', 'T', 1, 20,   60,    0,    0,    61,      'CNY', false)`,
	}, []string{
		"A | 3 | 21.0000 | 20.9899 | -0.0101 | CNY | amount | line 3 is paid 20.9899, but 25.00 − apportioned 2.50 − discount 1.50 is 21.00: differs by 0.0101.",
		"A | 5 | 0.0000 | 9.9000 | 9.9000 | CNY | one_component | line 5 is paid 9.90, but 9.90 − apportioned 0.00 − discount 9.90 is 0.00: differs by 9.90, which is the line's own discount.",
		"A | 6 | 48.0000 | 53.0000 | 5.0000 | CNY | one_component | line 6 is paid 53.00, but 60.00 − apportioned 7.00 − discount 5.00 is 48.00: differs by 5.00, which is the line's own discount.",
		"A | 7 | 48.0000 | 55.0000 | 7.0000 | CNY | one_component | line 7 is paid 55.00, but 60.00 − apportioned 7.00 − discount 5.00 is 48.00: differs by 7.00, which is the line's share of the order's discounts.",
		"A | 8 | 48.0000 | 28.0000 | -20.0000 | CNY | one_component | line 8 is paid 28.00, but 60.00 − apportioned 7.00 − discount 5.00 is 48.00: differs by 20.00, which is the price of one piece.",
		"A | 9 | 48.0000 | 4800.0000 | 4752.0000 | CNY | unit_factor_100 | line 9 is paid 4800.00, but 60.00 − apportioned 7.00 − discount 5.00 is 48.00: differs by 4752.00, a factor of exactly 100, as between yuan and fen.",
		"A | 10 | 48.0000 | 50.0000 | 2.0000 | CNY | amount | line 10 is paid 50.00, but 60.00 − apportioned 7.00 − discount 5.00 is 48.00: differs by 2.00.",
		"CANCELED | 1 | 60.0000 | 61.0000 | 1.0000 | CNY | amount | line 1 is paid 61.00, but 60.00 − apportioned 0.00 − discount 0.00 is 60.00: differs by 1.00.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, explanation_zh FROM recon.breaks WHERE line_no = 6"), []string{
		"error | 第6行实付为53.00，而金额60.00−分摊7.00−优惠5.00应为48.00：相差5.00，恰为该行的单品优惠。",
	})
}

func TestOrderDue(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "order_due", []string{
		`INSERT INTO main.orders (source, account, order_id, goods_amount, freight_amount, packaging_amount, other_amount, discount_amount, net_amount, currency) VALUES
			('soms', 'retail', 'A-agrees',    60,   6,    1, 2,    8, 69,    'CNY'),
			('soms', 'retail', 'B-no-other',  60,   6,    1, NULL, 8, 67,    'CNY'), -- no other fees
			('soms', 'retail', 'C-cent',      60,   6,    1, 2,    8, 69.01, 'CNY'),
			('soms', 'retail', 'D-two-cents', 60,   6,    1, 2,    8, 69.02, 'CNY'),
			('soms', 'retail', 'E-freight',   60,   6,    1, 2,    8, 63,    'CNY'),
			('soms', 'retail', 'F-packaging', 60,   6,    1, 2,    8, 70,    'CNY'), -- twice
			('soms', 'retail', 'G-other',     60,   6,    1, 2,    8, 67,    'CNY'),
			('soms', 'retail', 'H-discounts', 60,   6,    1, 2,    8, 61,    'CNY'), -- taken off once more
			('soms', 'retail', 'I-address',   60,   6,    1, 2,    8, 74,    'CNY'),
			('soms', 'retail', 'J-fen',       60,   6,    1, 2,    8, 6900,  'CNY'),
			('soms', 'retail', 'K-no-goods',  NULL, 6,    1, 2,    8, 99,    'CNY'),
			('soms', 'retail', 'L-no-fee',    60,   NULL, 1, 2,    8, 99,    'CNY'),
			('soms', 'retail', 'M-dollars',   60,   6,    1, 2,    8, 66,    'USD'),
			('soms', 'retail', 'N-no-due',    60,   6,    1, 2,    8, NULL,  'CNY'),
			('guoxiaodi', 'courier', 'X',     60,   6,    1, 2,    8, 99,    'CNY')`,
		`INSERT INTO main.settlements (source, account, order_id, address_change_amount) VALUES ('soms', 'retail', 'I-address', 5)`,
	}, []string{
		"D-two-cents | – | 69.0000 | 69.0200 | 0.0200 | CNY | amount | 69.02 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 0.02.",
		"E-freight | – | 69.0000 | 63.0000 | -6.0000 | CNY | one_component | 63.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 6.00, which is the freight.",
		"F-packaging | – | 69.0000 | 70.0000 | 1.0000 | CNY | one_component | 70.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 1.00, which is the packaging.",
		"G-other | – | 69.0000 | 67.0000 | -2.0000 | CNY | one_component | 67.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 2.00, which is the other fees.",
		"H-discounts | – | 69.0000 | 61.0000 | -8.0000 | CNY | one_component | 61.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 8.00, which is the order's discounts.",
		"I-address | – | 69.0000 | 74.0000 | 5.0000 | CNY | one_component | 74.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 5.00, which is the fee for the changed address.",
		"J-fen | – | 69.0000 | 6900.0000 | 6831.0000 | CNY | unit_factor_100 | 6900.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 6831.00, a factor of exactly 100, as between yuan and fen.",
		"M-dollars | – | 69.0000 | 66.0000 | -3.0000 | USD | amount | 66.00 is due, but goods 60.00 + freight 6.00 + packaging 1.00 + other fees 2.00 are 69.00: differs by 3.00.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, explanation_zh FROM recon.breaks WHERE order_id = 'E-freight'"), []string{
		"info | 应付总金额为63.00，而商品60.00+运费6.00+包装费1.00+其他费用2.00应为69.00：相差6.00，恰为运费。",
	})
	equal(t, "our own reading", query(t, db, "SELECT rule FROM recon.rules WHERE candidate"), []string{"order_due"})
}

func TestPaymentTotal(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "payment_total", []string{
		`INSERT INTO main.orders (source, account, order_id, status, payment_status, refund_status, freight_amount, packaging_amount, other_amount, net_amount, currency) VALUES
			('soms', 'retail', 'A-agrees',    'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'B-cent',      'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'C-two-cents', 'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'D-freight',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'E-payment',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'F-coupon',    'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'G-subsidy',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'H-deposit',   'confirmed', 'partial', 'none',     6, 1, 0, 100,  'CNY'), -- not paid in full yet
			('soms', 'retail', 'I-unpaid',    'canceled',  'unpaid',  'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'J-no-list',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'), -- no payments are listed
			('soms', 'retail', 'K-unknown',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'L-dollars',   'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'M-fen',       'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'N-refunded',  'completed', 'paid',    'refunded', 6, 1, 0, 100,  'CNY'), -- refunds stand elsewhere: the payments do not change
			('soms', 'retail', 'O-no-due',    'completed', 'paid',    'none',     6, 1, 0, NULL, 'CNY'),
			('soms', 'retail', 'P-alone',     'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'),
			('soms', 'retail', 'Q-both',      'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY'), -- each payment alone is twice too much
			('starhotel', 'inn', 'X',         'completed', 'paid',    'none',     6, 1, 0, 100,  'CNY')`,
		`INSERT INTO main.payments (source, account, order_id, line_no, method_name, amount, discount_amount, currency) VALUES
			('soms', 'retail', 'A-agrees',    1, '微信支付', 60,    0,    'CNY'),
			('soms', 'retail', 'A-agrees',    2, '储值卡',   40,    0,    'CNY'),
			('soms', 'retail', 'B-cent',      1, '微信支付', 99.99, 0,    'CNY'),
			('soms', 'retail', 'C-two-cents', 1, '微信支付', 99.98, 0,    'CNY'),
			('soms', 'retail', 'D-freight',   1, '微信支付', 94,    NULL, 'CNY'),
			('soms', 'retail', 'E-payment',   1, '微信支付', 70,    0,    'CNY'),
			('soms', 'retail', 'E-payment',   2, '储值卡',   30,    0,    'CNY'),
			('soms', 'retail', 'E-payment',   3, '现金',     40,    0,    'CNY'),
			('soms', 'retail', 'F-coupon',    1, '微信支付', 97,    3,    'CNY'),
			('soms', 'retail', 'G-subsidy',   1, '微信支付', 88,    0,    'CNY'),
			('soms', 'retail', 'H-deposit',   1, '微信支付', 30,    0,    'CNY'),
			('soms', 'retail', 'I-unpaid',    1, '微信支付', 1,     0,    'CNY'),
			('soms', 'retail', 'K-unknown',   1, '微信支付', 60,    0,    'CNY'),
			('soms', 'retail', 'K-unknown',   2, '储值卡',   NULL,  0,    'CNY'),
			('soms', 'retail', 'L-dollars',   1, '微信支付', 60,    0,    'CNY'),
			('soms', 'retail', 'L-dollars',   2, 'PayPal',   5,     0,    'USD'),
			('soms', 'retail', 'M-fen',       1, '微信支付', 10000, 0,    'CNY'),
			('soms', 'retail', 'N-refunded',  1, '微信支付', 100,   0,    'CNY'),
			('soms', 'retail', 'O-no-due',    1, '微信支付', 100,   0,    'CNY'),
			('soms', 'retail', 'P-alone',     1, '微信支付', 50,    0,    'CNY'), -- the difference of 50 is not “payment 1”
			('soms', 'retail', 'Q-both',      1, '微信支付', 100,   0,    'CNY'),
			('soms', 'retail', 'Q-both',      2, '微信支付', 100,   0,    'CNY'),
			('starhotel', 'inn', 'X',         1, '微信支付', 1,     0,    'CNY')`,
		// The order's own promotion holds those of its items.
		`INSERT INTO main.discounts (source, account, order_id, line_no, level, item_line_no, promotion_id, amount, platform_amount, currency) VALUES
			('soms', 'retail', 'G-subsidy', 1, 'order', NULL, '1111', 20, 12, 'CNY'),
			('soms', 'retail', 'G-subsidy', 2, 'item',  1,    '1111', 20, 12, 'CNY')`,
	}, []string{
		"C-two-cents | – | 100.0000 | 99.9800 | -0.0200 | CNY | amount | the payments (1) come to 99.98, but 100.00 is due: differs by 0.02.",
		"D-freight | – | 100.0000 | 94.0000 | -6.0000 | CNY | one_component | the payments (1) come to 94.00, but 100.00 is due: differs by 6.00, which is the freight.",
		"E-payment | – | 100.0000 | 140.0000 | 40.0000 | CNY | one_component | the payments (3) come to 140.00, but 100.00 is due: differs by 40.00, which is payment 3 by 现金.",
		"F-coupon | – | 100.0000 | 97.0000 | -3.0000 | CNY | one_component | the payments (1) come to 97.00, but 100.00 is due: differs by 3.00, which is the discount of the means of payment.",
		"G-subsidy | – | 100.0000 | 88.0000 | -12.0000 | CNY | one_component | the payments (1) come to 88.00, but 100.00 is due: differs by 12.00, which is the platform's subsidy.",
		"M-fen | – | 100.0000 | 10000.0000 | 9900.0000 | CNY | unit_factor_100 | the payments (1) come to 10000.00, but 100.00 is due: differs by 9900.00, a factor of exactly 100, as between yuan and fen.",
		"P-alone | – | 100.0000 | 50.0000 | -50.0000 | CNY | amount | the payments (1) come to 50.00, but 100.00 is due: differs by 50.00.",
		"Q-both | – | 100.0000 | 200.0000 | 100.0000 | CNY | amount | the payments (2) come to 200.00, but 100.00 is due: differs by 100.00.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, explanation_zh FROM recon.breaks WHERE order_id = 'E-payment'"), []string{
		"error | 3笔收款合计为140.00，而应付总金额为100.00：相差40.00，恰为第3笔收款（现金）。",
	})
}

func TestSettlement(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "settlement", []string{
		// Each was paid 100, and its platform bears 12 of promotion 1111 and 5 of promotion 2222.
		`INSERT INTO main.orders (source, account, order_id, status, settle_amount, commission_amount, freight_amount, packaging_amount, other_amount, net_amount, currency)
			SELECT 'soms', 'retail', order_id, 'completed', settle, 7.02, 6, 1, 0, 100, 'CNY'
			FROM (VALUES
				('A-agrees', 117), ('B-cent', 117.01), ('C-two-cents', 117.02), ('D-promotion', 105), ('E-subsidies', 100), ('F-commission', 109.98),
				('G-freight', 123), ('H-fen', 11700), ('I-amount', 107), ('J-merchant', 125), ('K-agent', 120), ('L-settlable', 100), ('M-not-yet', 100),
				('N-unsaid', 100), ('O-not-stated', NULL), ('P-unpaid', 90), ('Q-unknown', 90), ('R-bearer', 90), ('S-dollars', 90),
				('T-items', 107), ('U-no-discount', 99), ('V-twins', 112), ('W-fee', 114.5)) v(order_id, settle)`,
		`INSERT INTO main.settlements (source, account, order_id, settlable, performance_fee_amount)
			SELECT 'soms', 'retail', order_id, CASE order_id WHEN 'M-not-yet' THEN false WHEN 'N-unsaid' THEN NULL ELSE true END, 2.5 FROM main.orders`,
		`INSERT INTO main.payments (source, account, order_id, line_no, amount, currency)
			SELECT 'soms', 'retail', order_id, line, CASE line WHEN 1 THEN 60 ELSE 40 END, 'CNY'
			FROM main.orders, (VALUES (1), (2)) l(line) WHERE order_id <> 'P-unpaid'`,
		`UPDATE main.payments SET amount = NULL WHERE order_id = 'Q-unknown' AND line_no = 2`,
		`INSERT INTO main.discounts (source, account, order_id, line_no, level, promotion_id, amount, merchant_amount, platform_amount, agent_amount, currency)
			SELECT 'soms', 'retail', order_id, line, 'order', id, amount, merchant, platform, agent, 'CNY'
			FROM main.orders, (VALUES (1, '1111', 23, 8, 12, 3), (2, '2222', 5, NULL, 5, NULL)) d(line, id, amount, merchant, platform, agent)
			WHERE order_id NOT IN ('T-items', 'U-no-discount', 'V-twins')`,
		`UPDATE main.discounts SET platform_amount = NULL WHERE order_id = 'R-bearer' AND line_no = 2`, // nobody is said to bear the 5
		`UPDATE main.discounts SET currency = 'USD' WHERE order_id = 'S-dollars' AND line_no = 2`,
		// What an item's promotion repeats of the order's is not counted twice.
		`INSERT INTO main.discounts (source, account, order_id, line_no, level, item_line_no, promotion_id, amount, platform_amount, currency) VALUES
			('soms', 'retail', 'A-agrees', 3, 'item', 1, '1111', 23, 12, 'CNY'),
			('soms', 'retail', 'T-items',  1, 'item', 1, '3333', 6, 6, 'CNY'), -- on items only: 6 + 4 of one promotion, 7 of another
			('soms', 'retail', 'T-items',  2, 'item', 2, '3333', 4, 4, 'CNY'),
			('soms', 'retail', 'T-items',  3, 'item', 2, '4444', 7, 7, 'CNY'),
			('soms', 'retail', 'V-twins',  1, 'order', NULL, '5555', 6, 6, 'CNY'), -- two of 6: the missing one cannot be named
			('soms', 'retail', 'V-twins',  2, 'order', NULL, '6666', 6, 6, 'CNY')`,
		`UPDATE main.orders SET settle_amount = 106, freight_amount = 3 WHERE order_id = 'V-twins'`,
		`INSERT INTO main.orders (source, account, order_id, settle_amount, net_amount, currency, deleted_at) VALUES ('soms', 'retail', 'GONE', 1, 2, 'CNY', '2026-04-02 00:00:00Z')`,
		`INSERT INTO main.payments (source, account, order_id, line_no, amount, currency) VALUES ('soms', 'retail', 'GONE', 1, 2, 'CNY')`,
	}, []string{
		"C-two-cents | – | 117.0000 | 117.0200 | 0.0200 | CNY | amount | settled 117.02, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 0.02.",
		"D-promotion | – | 117.0000 | 105.0000 | -12.0000 | CNY | one_component | settled 105.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 12.00, which is the platform subsidy of promotion 1111.",
		"E-subsidies | – | 117.0000 | 100.0000 | -17.0000 | CNY | one_component | settled 100.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 17.00, which is the platform's subsidies of all promotions.",
		"F-commission | – | 117.0000 | 109.9800 | -7.0200 | CNY | one_component | settled 109.98, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 7.02, which is the commission.",
		"G-freight | – | 117.0000 | 123.0000 | 6.0000 | CNY | one_component | settled 123.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 6.00, which is the freight.",
		"H-fen | – | 117.0000 | 11700.0000 | 11583.0000 | CNY | unit_factor_100 | settled 11700.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 11583.00, a factor of exactly 100, as between yuan and fen.",
		"I-amount | – | 117.0000 | 107.0000 | -10.0000 | CNY | amount | settled 107.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 10.00.",
		"J-merchant | – | 117.0000 | 125.0000 | 8.0000 | CNY | one_component | settled 125.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 8.00, which is the merchant's share of the discounts.",
		"K-agent | – | 117.0000 | 120.0000 | 3.0000 | CNY | one_component | settled 120.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 3.00, which is the agent's share of the discounts.",
		"L-settlable | – | 117.0000 | 100.0000 | -17.0000 | CNY | one_component | settled 100.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 17.00, which is the platform's subsidies of all promotions.",
		"T-items | – | 117.0000 | 107.0000 | -10.0000 | CNY | one_component | settled 107.00, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 10.00, which is the platform subsidy of promotion 3333.",
		"U-no-discount | – | 100.0000 | 99.0000 | -1.0000 | CNY | one_component | settled 99.00, expected 100.00 (paid 100.00 + platform subsidy 0.00): differs by 1.00, which is the packaging.",
		"V-twins | – | 112.0000 | 106.0000 | -6.0000 | CNY | amount | settled 106.00, expected 112.00 (paid 100.00 + platform subsidy 12.00): differs by 6.00.",
		"W-fee | – | 117.0000 | 114.5000 | -2.5000 | CNY | one_component | settled 114.50, expected 117.00 (paid 100.00 + platform subsidy 17.00): differs by 2.50, which is the performance fee.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, explanation_zh FROM recon.breaks WHERE order_id = 'D-promotion'"), []string{
		"error | 结算105.00，应为117.00（实付100.00+平台补贴17.00）：相差12.00，恰为促销1111的平台补贴。",
	})
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "duplicate", []string{
		// Seconds of created_at give the order in which they came.
		`INSERT INTO main.orders (source, account, order_id, channel, order_no, status, net_amount, created_at, currency, deleted_at)
			SELECT source, account, order_id, channel, order_no, status, net, TIMESTAMPTZ '2026-04-01 10:00:00Z' + second * INTERVAL 1 SECOND, 'CNY', CASE WHEN gone THEN TIMESTAMPTZ '2026-04-02 00:00:00Z' END
			FROM (VALUES
				('soms', 'retail', 'A1', 'meituan', '100', 'completed', 30.00, 1, false),
				('soms', 'retail', 'A2', 'meituan', '100', 'completed', 31.00, 2, false), -- twice
				('soms', 'retail', 'A3', 'meituan', '100', 'canceled',  32.00, 3, false), -- and a third time, canceled
				('soms', 'retail', 'B1', 'eleme',   '100', 'completed', 30.00, 1, false), -- another channel
				('soms', 'other',  'C1', 'meituan', '100', 'completed', 30.00, 1, false), -- another account
				('soms', 'retail', 'D1', 'meituan', '200', 'completed', 30.00, 1, false),
				('soms', 'retail', 'D2', 'meituan', '200', 'completed', 30.00, 2, false), -- a reissue
				('soms', 'retail', 'D3', 'meituan', '200', 'completed',  0.00, 3, false), -- a compensation
				('soms', 'retail', 'E1', 'meituan', '300', 'completed', 30.00, 1, false), -- two parts of one main order
				('soms', 'retail', 'E2', 'meituan', '300', 'completed', 30.00, 2, false),
				('soms', 'retail', 'F1', 'meituan', '400', 'completed', 30.00, 1, false), -- a main order and its part
				('soms', 'retail', 'F2', 'meituan', '400', 'completed', 30.00, 2, false),
				('soms', 'retail', 'G1', 'meituan', '500', 'completed', 30.00, 1, false), -- parts of different main orders
				('soms', 'retail', 'G2', 'meituan', '500', 'completed',  0.00, 2, false), -- that cost nothing
				('soms', 'retail', 'H1', 'meituan', NULL,  'completed', 30.00, 1, false), -- no number
				('soms', 'retail', 'H2', 'meituan', NULL,  'completed', 30.00, 2, false),
				('soms', 'retail', 'I1', 'meituan', '600', 'completed', 30.00, 1, true),  -- deleted
				('soms', 'retail', 'I2', 'meituan', '600', 'completed', 30.00, 2, false),
				('soms', 'retail', 'J1', 'meituan', '700', 'canceled',  30.00, 1, false), -- canceled and ordered anew
				('soms', 'retail', 'J2', 'meituan', '700', 'completed', NULL,  2, false),
				('starhotel', 'inn', 'K1', NULL,    '100', 'completed', 30.00, 1, false), -- no shop
				('starhotel', 'inn', 'K2', NULL,    '100', 'completed', 30.00, 2, false)
			) v(source, account, order_id, channel, order_no, status, net, second, gone)`,
		`INSERT INTO main.settlements (source, account, order_id, main_order_id, order_type, reissue_reason)
			SELECT 'soms', 'retail', order_id, main, type, reissue FROM (VALUES
				('A1', NULL, 'ECOM', NULL), ('A2', NULL, 'ECOM', NULL),
				('D2', NULL, 'ECOM', '漏发商品'), ('D3', NULL, 'COMPENSATION', NULL),
				('E1', '299', 'ECOM', NULL), ('E2', '299', 'ECOM', NULL), ('F2', '400', 'ECOM', NULL),
				('G1', '498', 'ECOM', NULL), ('G2', '499', 'ECOM', NULL)) v(order_id, main, type, reissue)`,
	}, []string{
		"A2 | – | – | 31.0000 | 31.0000 | CNY | duplicate | the order number 100 of meituan is taken over twice: here with 31.00, before as order A1 with 30.00.",
		"A3 | – | – | 32.0000 | 32.0000 | CNY | duplicate | the order number 100 of meituan is taken over twice: here with 32.00 (canceled), before as order A1 with 30.00 (completed).",
		"G2 | – | – | 0.0000 | 0.0000 | CNY | duplicate | the order number 500 of meituan is taken over twice: here with 0.00, before as order G1 with 30.00.",
		"J2 | – | – | – | 0.0000 | CNY | duplicate | the order number 700 of meituan is taken over twice: here with – (completed), before as order J1 with 30.00 (canceled).",
	})
	equal(t, "other columns", query(t, db, "SELECT order_id, severity, right_source, right_account, right_order_id, explanation_zh FROM recon.breaks ORDER BY order_id"), []string{
		"A2 | error | soms | retail | A1 | meituan的订单号100重复：本单金额31.00，此前已有订单A1，金额30.00。",
		"A3 | info | soms | retail | A1 | meituan的订单号100重复：本单金额32.00（canceled），此前已有订单A1，金额30.00（completed）。",
		"G2 | error | soms | retail | G1 | meituan的订单号500重复：本单金额0.00，此前已有订单G1，金额30.00。",
		"J2 | info | soms | retail | J1 | meituan的订单号700重复：本单金额–（completed），此前已有订单J1，金额30.00（canceled）。",
	})
}

func TestPlausibility(t *testing.T) {
	t.Parallel()
	// The night is of 2026-04-01 20:00 UTC, 2026-04-02 04:00 in Shanghai.
	db := testCheck(t, "plausibility", []string{
		`INSERT INTO main.orders (source, account, order_id, kind, status, source_status, currency, gross_amount, goods_amount, freight_amount, packaging_amount, net_amount, paid_amount, settle_amount, commission_amount, created_at, finished_at, canceled_at) VALUES
			('soms', 'retail', 'A-fine',      'retail', 'completed', 'delivered', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 08:00:00Z', '2026-04-01 08:00:00Z', NULL), -- finished the same second
			('soms', 'retail', 'B-negative',  'retail', 'completed', 'delivered', 'CNY', 10, 8, 1, 1, 10, 10, -3, -0.01, '2026-04-01 08:00:00Z', NULL, NULL),
			('soms', 'retail', 'C-missing',   'retail', 'completed', 'delivered', 'CNY', NULL, NULL, 1, NULL, 10, NULL, NULL, NULL, '2026-04-01 08:00:00Z', NULL, NULL), -- gross, paid and settlement need not be stated
			('soms', 'retail', 'D-backwards', 'retail', 'completed', 'delivered', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 08:00:00Z', '2026-04-01 07:50:00Z', NULL),
			('soms', 'retail', 'E-future',    'retail', 'confirmed', 'confirmed', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 21:00:01Z', NULL, NULL),
			('soms', 'retail', 'F-just-now',  'retail', 'confirmed', 'confirmed', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 21:00:00Z', NULL, NULL), -- while the night was at work
			('soms', 'retail', 'G-status',    'retail', NULL,        'teleported', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,    '2026-04-01 08:00:00Z', NULL, NULL),
			('soms', 'retail', 'H-currency',  'retail', 'completed', 'delivered', 'RMB', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 08:00:00Z', NULL, NULL),
			('soms', 'retail', 'I-no-status', 'retail', NULL,        NULL,        'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 08:00:00Z', NULL, NULL), -- the source does not say
			('soms', 'retail', 'J-two-ways',  'retail', 'canceled',  'canceled',  'CNY', 10, 8, -1, 1, 10, 10, 12, 1,    '2026-04-01 08:00:00Z', NULL, '2026-03-31 08:00:00Z'),
			('soms', 'retail', 'K-lines',     'retail', 'completed', 'delivered', 'CNY', 10, 8, 1, 1, 10, 10, 12, 1,     '2026-04-01 08:00:00Z', NULL, NULL),
			('tuya', 'hotel-a', 'T-dish',     'room_service',    'completed', 'finished', 'CNY', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-04-01 08:00:00Z', NULL, NULL),
			('tuya', 'hotel-a', 'T-cleaning', 'service_request', 'completed', 'finished', NULL,  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-04-01 08:00:00Z', '2026-04-03 00:00:00Z', NULL), -- owes no amount, so no currency
			('tuya', 'hotel-a', 'T-dollars',  'room_service',    'completed', 'finished', 'CNY', 20,   NULL, NULL, NULL, 20,   NULL, NULL, NULL, '2026-04-01 08:00:00Z', NULL, NULL),
			('akubela', 'hotel-a', 'L-stay',  'stay', 'completed', 'checked_out', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
			('starhotel', 'inn', 'S-stay',    'stay', 'completed', '180', 'CNY', 500, NULL, NULL, NULL, 500, NULL, NULL, NULL, '2026-03-01 08:00:00Z', NULL, NULL),
			('guoxiaodi', 'courier', 'X-fees', 'delivery', 'completed', 'RECEIVED', 'CNY', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-04-01 08:00:00Z', NULL, NULL)`,
		`INSERT INTO main.orders (source, account, order_id, kind, net_amount, created_at, deleted_at) VALUES ('soms', 'retail', 'GONE', 'retail', -1, '2027-01-01 00:00:00Z', '2026-04-01 00:00:00Z')`,
		`INSERT INTO main.order_items (source, account, order_id, line_no, total_amount, discount_amount, apportioned_discount_amount, pay_amount, currency) VALUES
			('soms', 'retail', 'A-fine',  1, 10, 0,    0,    10,   'CNY'),
			('soms', 'retail', 'K-lines', 1, -5, 0,    0,    -6,   'CNY'),
			('soms', 'retail', 'K-lines', 2, 5,  NULL, NULL, NULL, 'CNY'),
			('tuya', 'hotel-a', 'T-dollars', 1, 5,  NULL, NULL, NULL, 'CNY'), -- a line of tuya has a total only
			('tuya', 'hotel-a', 'T-dollars', 2, 15, NULL, NULL, NULL, 'USD')`,
		`INSERT INTO main.payments (source, account, order_id, line_no, amount, currency) VALUES
			('soms', 'retail', 'K-lines', 1, -7, 'CNY'), ('soms', 'retail', 'K-lines', 2, NULL, 'CNY')`,
		`INSERT INTO main.stays (source, account, order_id, stay_id, status, source_status, arrival_at, departure_at, room_amount, consumption_amount, total_amount) VALUES
			('akubela', 'hotel-a', 'L-stay', 'L-stay', 'completed', 'checked_out', '2026-04-02 06:00:00Z', '2026-04-01 04:00:00Z', NULL, NULL, NULL),
			('starhotel', 'inn', 'S-stay', '71', 'completed', '80', '2026-04-01 06:00:00Z', '2026-04-02 04:00:00Z', 500, -100, 400),
			('starhotel', 'inn', 'S-stay', '72', NULL, '60', '2026-04-01 06:00:00Z', '2026-04-02 04:00:00Z', NULL, NULL, 100)`,
		`INSERT INTO main.deliveries (source, account, order_id, delivery_id, status, source_status, fee_amount) VALUES
			('soms', 'retail', 'K-lines', 'W1', NULL, 'flying', -2), ('soms', 'retail', 'A-fine', 'W2', 'completed', 'delivered', 2)`,
	}, []string{
		"B-negative | 1 | 0.0000 | -3.0000 | -3.0000 | CNY | amount | amounts below zero: settle_amount, commission_amount; the lowest is -3.00.",
		"C-missing | 2 | – | – | 0.0000 | CNY | missing_left | the source does not state an amount that it owes: goods_amount, packaging_amount.",
		"D-backwards | 3 | – | – | 0.0000 | CNY | status | it ends before it begins: finished_at 2026-04-01 15:50:00, created_at 2026-04-01 16:00:00.",
		"E-future | 4 | – | – | 0.0000 | CNY | status | it lies in the future of the night: created_at 2026-04-02 05:00:01.",
		"G-status | 5 | – | – | 0.0000 | CNY | status | a status that the source's document does not name: source_status teleported.",
		"H-currency | 6 | – | – | 0.0000 | RMB | amount | amounts whose currency is not known or not that of the order: currency RMB.",
		"J-two-ways | 1 | 0.0000 | -1.0000 | -1.0000 | CNY | amount | amounts below zero: freight_amount; the lowest is -1.00.",
		"J-two-ways | 3 | – | – | 0.0000 | CNY | status | it ends before it begins: canceled_at 2026-03-31 16:00:00, created_at 2026-04-01 16:00:00.",
		"K-lines | 1 | 0.0000 | -7.0000 | -7.0000 | CNY | amount | amounts below zero: deliveries.fee_amount #W1, order_items.total_amount #1, order_items.pay_amount #1, payments.amount #1; the lowest is -7.00.",
		"K-lines | 2 | – | – | 0.0000 | CNY | missing_left | the source does not state an amount that it owes: order_items.discount_amount #2, order_items.apportioned_discount_amount #2, order_items.pay_amount #2, payments.amount #2.",
		"K-lines | 5 | – | – | 0.0000 | CNY | status | a status that the source's document does not name: deliveries.source_status #W1 flying.",
		"L-stay | 3 | – | – | 0.0000 | – | status | it ends before it begins: stays.departure_at #L-stay 2026-04-01 12:00:00, arrival_at 2026-04-02 14:00:00.",
		"S-stay | 1 | 0.0000 | -100.0000 | -100.0000 | CNY | amount | amounts below zero: stays.consumption_amount #71; the lowest is -100.00.",
		"S-stay | 2 | – | – | 0.0000 | CNY | missing_left | the source does not state an amount that it owes: paid_amount, stays.room_amount #72.",
		"S-stay | 5 | – | – | 0.0000 | CNY | status | a status that the source's document does not name: stays.source_status #72 60.",
		"T-cleaning | 4 | – | – | 0.0000 | – | status | it lies in the future of the night: finished_at 2026-04-03 08:00:00.",
		"T-dish | 2 | – | – | 0.0000 | CNY | missing_left | the source does not state an amount that it owes: net_amount.",
		"T-dollars | 6 | – | – | 0.0000 | CNY | amount | amounts whose currency is not known or not that of the order: order_items.currency #2 USD.",
	})
	equal(t, "severities by kind", query(t, db, "SELECT DISTINCT line_no, severity FROM recon.breaks ORDER BY line_no"), []string{
		"1 | warning", "2 | error", "3 | warning", "4 | warning", "5 | warning", "6 | error",
	})
	equal(t, "in Chinese", query(t, db, "SELECT explanation_zh FROM recon.breaks WHERE order_id IN ('B-negative', 'D-backwards') ORDER BY order_id"), []string{
		"金额为负：结算金额, 平台佣金；最低为-3.00。",
		"结束早于开始：完成时间 2026-04-01 15:50:00, 下单时间 2026-04-01 16:00:00。",
	})
	// What is put right, or was only early, is resolved by a later night.
	exec(t, db, "UPDATE main.orders SET settle_amount = 3, commission_amount = 0.01 WHERE order_id = 'B-negative'")
	audit(t, db, night(2), only(t, "plausibility"))
	resolved := query(t, db, "SELECT order_id FROM recon.breaks WHERE status = 'resolved' ORDER BY order_id")
	if want := []string{"B-negative", "E-future"}; !slices.Equal(resolved, want) {
		t.Errorf("resolved %v, want %v", resolved, want)
	}
}
