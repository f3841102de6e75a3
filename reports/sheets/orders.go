package sheets

import (
	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// ordersPlace is where the orders stand and what was written there, for the
// summary's control.
type ordersPlace struct {
	parts   []workbook.Part
	columns []workbook.Column
	sums    map[flowKey]*orderSums
	wanted  map[orderPlace][]spot // cells of other sheets that lead here
}

type flowKey struct{ flow, standing, currency string }

// orderSums are the sums of the cells written, apart from the database's.
type orderSums struct {
	orders           int64
	gross, net, paid duckdb.Decimal
}

// ordersSheet lists every order of the range, in further sheets where one is
// full.
func (w *reconciliation) ordersSheet() error {
	report, kept, err := w.q.Keep("orders", nil)
	if err != nil {
		return err
	}
	rows, err := kept.Read()
	if err != nil {
		return err
	}
	defer rows.Close()
	flow, standing, currency := rows.Index("flow"), rows.Index("standing"), rows.Index("currency")
	gross, net, paid := rows.Index("gross_amount"), rows.Index("net_amount"), rows.Index("paid_amount")
	w.orders.sums = map[flowKey]*orderSums{}
	w.orders.parts, w.orders.columns, err = w.List(workbook.Listing{
		Name:   w.Text("sheet.orders"),
		Layout: &report.Layout,
		Note:   w.period() + " · " + w.Text("book.zone", w.Zone),
		Each: func(sheet *workbook.Sheet, values []any) {
			var key flowKey
			key.flow, _ = values[flow].(string)
			key.standing, _ = values[standing].(string)
			key.currency, _ = values[currency].(string)
			s := w.orders.sums[key]
			if s == nil {
				s = &orderSums{}
				w.orders.sums[key] = s
			}
			s.orders++
			if len(w.orders.wanted) > 0 {
				r := result.RowOf(rows.Columns, values)
				w.orders.found(orderPlace{source: r.Str("source"), account: r.Str("account"), order: r.Str("order_id")}, r.Str("business_date"), sheet)
			}
			for _, sum := range []struct {
				total  *duckdb.Decimal
				column int
			}{{&s.gross, gross}, {&s.net, net}, {&s.paid, paid}} {
				d, _ := values[sum.column].(duckdb.Decimal)
				*sum.total = result.Plus(*sum.total, d)
			}
		},
	}, rows)
	if err != nil {
		return err
	}
	w.content(content{title: "sheet.orders", sheet: w.orders.parts[0].Sheet, rows: workbook.CountRows(w.orders.parts)})
	return nil
}
