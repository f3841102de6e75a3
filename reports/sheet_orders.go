package reports

import "github.com/duckdb/duckdb-go/v2"

// ordersPlace is where the orders stand and what was written there, for the
// summary's control.
type ordersPlace struct {
	parts   []part
	columns []shown
	sums    map[flowKey]*orderSums
	wanted  map[orderPlace][]spot // cells of other sheets that lead here
}

type flowKey struct{ flow, currency string }

// orderSums are the sums of the cells written, apart from the database's.
type orderSums struct {
	orders           int64
	gross, net, paid duckdb.Decimal
}

// ordersSheet lists every order of the range, in further sheets where one is
// full.
func (w *workbook) ordersSheet() error {
	report, rows, err := w.q.open("orders", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	flow, currency := rows.index("flow"), rows.index("currency")
	gross, net, paid := rows.index("gross_amount"), rows.index("net_amount"), rows.index("paid_amount")
	w.orders.sums = map[flowKey]*orderSums{}
	w.orders.parts, w.orders.columns, err = w.list(listing{
		name:   w.text("sheet.orders"),
		layout: &report.Layout,
		note:   w.period() + " · " + w.text("book.zone", w.zone),
		each: func(sheet *sheet, values []any) {
			var key flowKey
			key.flow, _ = values[flow].(string)
			key.currency, _ = values[currency].(string)
			s := w.orders.sums[key]
			if s == nil {
				s = &orderSums{}
				w.orders.sums[key] = s
			}
			s.orders++
			if len(w.orders.wanted) > 0 {
				r := newRow(rows.columns, values)
				w.orders.found(orderPlace{source: r.str("source"), account: r.str("account"), order: r.str("order_id")}, r.str("business_date"), sheet)
			}
			for _, sum := range []struct {
				total  *duckdb.Decimal
				column int
			}{{&s.gross, gross}, {&s.net, net}, {&s.paid, paid}} {
				d, _ := values[sum.column].(duckdb.Decimal)
				*sum.total = plus(*sum.total, d)
			}
		},
	}, rows)
	if err != nil {
		return err
	}
	written := 0
	for _, p := range w.orders.parts {
		written += p.last - p.first + 1
	}
	w.content(content{title: "sheet.orders", sheet: w.orders.parts[0].sheet, rows: written})
	return nil
}
