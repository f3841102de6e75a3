package recon

import "testing"

// exceptionRows inserts what of answers could not be taken.
const exceptionRows = `INSERT INTO audit.exceptions (source, account, stream, record_key, kind, order_id, table_name, column_name, is_amount, line_no, field, reason, raw, landing_ref, run_id) VALUES `

func TestUnreadable(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "unreadable", []string{
		`INSERT INTO main.orders (source, account, order_id, business_date, currency, deleted_at) VALUES
			('guoxiaodi', 'courier', 'A', '2026-04-01', 'CNY', NULL),
			('soms', 'retail', 'B', '2026-04-01', 'CNY', NULL),
			('soms', 'retail', 'C', '2026-04-01', 'CNY', NULL)`,
		exceptionRows + `
			('guoxiaodi', 'courier', 'register', 'A', 'finding', 'A', 'orders', 'net_amount', true, NULL, 'payFee', 'not a whole number', '13.89', 'r:1#', 'r'),
			('guoxiaodi', 'courier', 'register', 'A', 'finding', 'A', 'orders', 'freight_amount', true, NULL, 'carriageFee', 'not a whole number', '1,389', 'r:1#', 'r'), -- another field: another break
			('soms', 'retail', 'orders', 'B', 'finding', 'B', 'order_items', 'total_amount', true, 3, 'items[2].total', 'not a plain decimal number', 'NaN', 'o:1#', 'r'),
			('soms', 'retail', 'orders', 'B', 'finding', 'B', 'payments', 'amount', true, NULL, 'payment.details', 'a value of another type than documented', NULL, 'o:1#', 'r'), -- private: no text
			('soms', 'retail', 'orders', 'C', 'finding', 'C', 'orders', 'quantity', false, NULL, 'sku_quantity', 'not a plain decimal number', 'two', 'o:2#', 'r'), -- no amount
			('soms', 'retail', 'orders', 'C', 'finding', 'C', NULL, NULL, false, NULL, 'state', 'a status', 'lost', 'o:2#', 'r'),
			('soms', 'retail', 'orders', 'D', 'reject', 'D', NULL, NULL, false, NULL, 'order_id', 'control characters in a text', 'D', 'o:3#', 'r'),
			('soms', 'retail', 'orders', '#ab/1', 'reject', NULL, NULL, NULL, false, NULL, 'order_id', 'the record has no id', NULL, 'o:4#/orders/7', 'r')`,
	}, []string{
		"A | – | – | – | 0.0000 | CNY | unreadable | payFee is stated as “13.89”, which cannot be read as an amount: net_amount is left empty.",
		"A | – | – | – | 0.0000 | CNY | unreadable | carriageFee is stated as “1,389”, which cannot be read as an amount: freight_amount is left empty.",
		"B | 3 | – | – | 0.0000 | CNY | unreadable | items[2].total is stated as “NaN”, which cannot be read as an amount: order_items.total_amount #3 is left empty.",
		"B | – | – | – | 0.0000 | CNY | unreadable | what payment.details states cannot be taken, and amounts stand in it: payments.amount is left empty.",
		"D | – | – | – | 0.0000 | – | unreadable | a record of the stream orders was refused and is not in the books: order_id is stated as “D”.",
		"o:4#/orders/7 | – | – | – | 0.0000 | – | unreadable | a record of the stream orders was refused and is not in the books: order_id is stated as “–”.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, business_date, explanation_zh FROM recon.breaks WHERE order_id = 'B' ORDER BY line_no"), []string{
		"error | 2026-04-01 | items[2].total填报为“NaN”，无法识别为金额：订单商品·金额 #3留空。",
		"error | 2026-04-01 | payment.details的内容无法采用，其中含有金额：支付明细·支付金额留空。",
	})
	// A is read well again; the row without an id stands, and the check looks at
	// what changed alone.
	exec(t, db, `DELETE FROM audit.exceptions WHERE order_id = 'A' AND field = 'payFee'; INSERT INTO recon.changed VALUES ('guoxiaodi', 'courier', 'A')`)
	if got := audit(t, db, night(2), only(t, "unreadable")); got.Full || got.Resolved != 1 || got.New != 0 || got.Open["error"] != 5 {
		t.Errorf("result %+v, want one break resolved and five open", got)
	}
	exec(t, db, `DELETE FROM audit.exceptions WHERE order_id IS NULL; INSERT INTO recon.changed VALUES ('soms', 'retail', 'o:4#/orders/7')`)
	if got := audit(t, db, night(3), only(t, "unreadable")); got.Resolved != 1 || got.Open["error"] != 4 {
		t.Errorf("result %+v, want the refused row resolved and four open", got)
	}
}

func TestUndated(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "undated", []string{
		`INSERT INTO main.orders (source, account, order_id, flow, kind, business_date, net_amount, paid_amount, currency, deleted_at) VALUES
			('soms', 'retail', 'A', 'revenue', 'retail', NULL, 7000, 10, 'CNY', NULL),
			('soms', 'retail', 'B', 'revenue', 'retail', '2026-04-01', 1, 1, 'CNY', NULL),
			('soms', 'retail', 'GONE', 'revenue', 'retail', NULL, 1, 1, 'CNY', '2026-04-02 00:00:00Z'),
			('starhotel', 'inn', 'C', 'revenue', 'stay', NULL, NULL, 30, 'HKD', NULL), -- what is due is not known
			('akubela', 'tower', 'D', 'memo', 'stay', NULL, NULL, NULL, NULL, NULL)`,
	}, []string{
		"A | – | – | – | 0.0000 | CNY | missing_left | no time of it can be read, so it stands on no business date: 7000.00 CNY (revenue) is in no figure by date.",
		"C | – | – | – | 0.0000 | HKD | missing_left | no time of it can be read, so it stands on no business date: 30.00 HKD (revenue) is in no figure by date.",
		"D | – | – | – | 0.0000 | – | missing_left | no time of it can be read, so it stands on no business date: – – (memo) is in no figure by date.",
	})
	equal(t, "in Chinese", query(t, db, "SELECT severity, business_date, explanation_zh FROM recon.breaks WHERE order_id = 'A'"), []string{
		"error | – | 没有可识别的时间，无法归入营业日期：7000.00 CNY（revenue）未计入任何按日统计。",
	})
	// It gets its date.
	exec(t, db, `UPDATE main.orders SET business_date = '2026-04-01' WHERE order_id = 'A'; INSERT INTO recon.changed VALUES ('soms', 'retail', 'A')`)
	if got := audit(t, db, night(2), only(t, "undated")); got.Resolved != 1 || got.Open["error"] != 2 {
		t.Errorf("result %+v, want one break resolved and two open", got)
	}
}
