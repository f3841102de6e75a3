package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

// paymentsSheet shows the payments by method and, below, against the orders
// that they pay.
func (w *workbook) paymentsSheet() error {
	against, err := w.q.grid("payments_orders", nil)
	if err != nil {
		return err
	}
	return w.tallySheet(&tally{
		sheet: "sheet.payments", detail: "payments", control: "payments_totals",
		keys:        []string{"source", "account", "method_name", "method_code", "currency"},
		scope:       []string{"currency"},
		figures:     []string{"payments", "amount", "discount_amount"},
		chief:       "amount",
		note:        w.period() + " · " + w.text("payments.note"),
		lead:        w.leadToDay("payments"),
		between:     func(v *tallyView) error { return v.putAgainst(against) },
		betweenRows: againstRows(against),
		wider:       w.againstWidths(against),
	})
}

// againstRows is how many rows putAgainst writes: a blank one, a section,
// headings, the rows, and a total for each currency.
func againstRows(g *grid) int {
	if len(g.rows) == 0 {
		return 0
	}
	return 3 + len(g.rows) + len(currencies(g))
}

// currencies are those of a result, in their order.
func currencies(g *grid) []string {
	var list []string
	for i := range g.rows {
		if c := g.str(i, "currency"); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// againstColumns are the columns of the payments against orders, by their
// places on the sheet from 1: amounts stand under amounts.
var againstColumns = []string{"", "", "source", "account", "payment_status", "refunded", "orders_without", "currency", "orders", "amount", "net_amount", "difference"}

// The places of three of them.
const (
	againstAmount     = 10
	againstDue        = 11
	againstDifference = 12
)

// againstWidths are the widths that the amounts of the payments against orders
// need.
func (w *workbook) againstWidths(g *grid) map[int]float64 {
	columns := w.shown(&g.report.Layout, g.columns)
	widths := map[int]float64{}
	for i, name := range againstColumns {
		c := columnIndex(g.columns, name)
		if c < 0 {
			continue
		}
		for r := range g.rows {
			w.measure(&columns[c], g.rows[r][c])
		}
		widths[i+1] = columns[c].widest
		if columns[c].format == formatMoney {
			widths[i+1] += 2 // a total is wider than its parts
		}
	}
	return widths
}

// putAgainst writes the payments against the orders, by payment status: the
// differences and the totals of a currency are live, and a check compares the
// payments with those by method above.
func (v *tallyView) putAgainst(g *grid) error {
	if len(g.rows) == 0 {
		return nil
	}
	w := v.w
	v.s.blank(1)
	v.s.section(g.report.Title.In(w.language)+" · "+w.text("payments.against"), v.checkColumn())
	all := w.shown(&g.report.Layout, g.columns)
	columns := make([]shown, len(againstColumns))
	heads := make([]any, v.checkColumn())
	for i := range heads {
		heads[i] = w.heading("", formatText)
	}
	for i, name := range againstColumns {
		if name != "" {
			columns[i] = all[columnIndex(g.columns, name)]
			heads[i] = w.heading(columns[i].heading, columns[i].format)
		}
	}
	heads[v.checkColumn()-1] = w.heading(w.text("revenue.check"), formatDate)
	v.s.put(30, heads...)
	first := v.s.row + 1
	for i := range g.rows {
		v.putAgainstRow(g, i, columns)
		currency := g.str(i, "currency")
		if i+1 < len(g.rows) && g.str(i+1, "currency") == currency {
			continue
		}
		v.putAgainstTotal(g, columns, currency, first, v.s.row)
		first = v.s.row + 1
	}
	return nil
}

func (v *tallyView) putAgainstRow(g *grid, i int, columns []shown) {
	row := v.s.row + 1
	cells := v.empty(roleBody)[:v.checkColumn()]
	for c := range columns {
		switch {
		case columns[c].Name == "":
		case c+1 == againstDifference:
			cells[c] = v.w.formula(&columns[c], roleBody, cellName(againstAmount, row)+"-"+cellName(againstDue, row), figure(g.at(i, "difference")))
		default:
			cells[c], _ = v.w.cell(&columns[c], g.at(i, columns[c].Name))
		}
	}
	v.s.put(16, cells...)
}

func (v *tallyView) putAgainstTotal(g *grid, columns []shown, currency string, first, last int) {
	w, row := v.w, v.s.row+1
	cells := v.empty(roleTotal)[:v.checkColumn()]
	cells[1] = excelize.Cell{StyleID: w.style(styleKey{role: roleTotal, format: formatText}), Value: strings.TrimSpace(w.text("summary.total", currency))}
	var paid duckdb.Decimal
	for c := range columns {
		if columns[c].Name == "" || columns[c].format == formatText {
			continue
		}
		var sum duckdb.Decimal
		for i := range g.rows {
			if g.str(i, "currency") == currency {
				sum = plus(sum, figure(g.at(i, columns[c].Name)))
			}
		}
		if c+1 == againstAmount {
			paid = sum
		}
		cells[c] = w.formula(&columns[c], roleTotal, "SUM("+cellName(c+1, first)+":"+cellName(c+1, last)+")", sum)
	}
	byMethod, live := duckdb.Decimal{}, "0"
	if at, ok := v.sumRows[currency+"\x00"]; ok {
		live = cellName(againstAmount, at)
		for _, s := range v.groups {
			if s.scope == currency+"\x00" {
				byMethod = plus(byMethod, s.sums[slices.Index(v.t.figures, "amount")])
			}
		}
	}
	v.disagrees = v.disagrees || !same(paid, byMethod)
	cells[v.checkColumn()-1] = w.agreement(roleTotal, fmt.Sprintf("ROUND(%s-%s,4)=0", cellName(againstAmount, row), live), same(paid, byMethod))
	v.s.put(18, cells...)
}
