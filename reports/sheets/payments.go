package sheets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// paymentsSheet shows the payments by method and, below, against the orders
// that they pay.
func (w *reconciliation) paymentsSheet() error {
	against, err := w.q.Grid("payments_orders", nil)
	if err != nil {
		return err
	}
	return w.tallySheet(&tally{
		sheet: "sheet.payments", detail: "payments", control: "payments_totals",
		keys:        []string{"source", "account", "method_name", "method_code", "currency"},
		scope:       []string{"currency"},
		figures:     []string{"payments", "amount", "discount_amount"},
		chief:       "amount",
		note:        w.period() + " · " + w.Text("payments.note"),
		lead:        w.leadToDay("payments"),
		between:     func(v *tallyView) error { return v.putAgainst(against) },
		betweenRows: againstRows(against),
		wider:       w.againstWidths(against),
	})
}

// againstRows is how many rows putAgainst writes: a blank one, a section,
// headings, the rows, and a total for each currency.
func againstRows(g *catalogue.Grid) int {
	if len(g.Rows) == 0 {
		return 0
	}
	return 3 + len(g.Rows) + len(currencies(g))
}

// currencies are those of a result, in their order.
func currencies(g *catalogue.Grid) []string {
	var list []string
	for i := range g.Rows {
		if c := g.Str(i, "currency"); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// againstColumns are the columns of the payments against orders, by their
// places on the sheet from 1: amounts stand under amounts, checks under checks,
// and what is behind those is not printed.
var againstColumns = []string{"", "", "source", "account", "payment_status", "standing", "difference", "currency", "orders", "amount", "net_amount", "", "orders_without"}

// The places of three of them.
const (
	againstAmount     = 10
	againstDue        = 11
	againstDifference = 7
)

// againstWidths are the widths that the amounts of the payments against orders
// need.
func (w *reconciliation) againstWidths(g *catalogue.Grid) map[int]float64 {
	columns := w.Columns(&g.Report.Layout, g.Columns)
	widths := map[int]float64{}
	for i, name := range againstColumns {
		c := result.Index(g.Columns, name)
		if c < 0 {
			continue
		}
		for r := range g.Rows {
			w.Measure(&columns[c], g.Rows[r][c])
		}
		widths[i+1] = min(columns[c].Widest, 18) // what is longer goes on
		if columns[c].Format == workbook.FormatMoney {
			widths[i+1] += 2 // a total is wider than its parts
		}
	}
	return widths
}

// putAgainst writes the payments against the orders, by payment status: the
// differences and the totals of a currency are live, and a check compares the
// payments with those by method above.
func (v *tallyView) putAgainst(g *catalogue.Grid) error {
	if len(g.Rows) == 0 {
		return nil
	}
	w := v.w
	v.s.Blank(1)
	v.s.Section(g.Report.Title.In(w.Language)+" · "+w.Text("payments.against"), len(againstColumns))
	all := w.Columns(&g.Report.Layout, g.Columns)
	columns := make([]workbook.Column, len(againstColumns))
	heads := make([]any, len(againstColumns))
	for i := range heads {
		heads[i] = w.Heading("", workbook.FormatText)
	}
	for i, name := range againstColumns {
		if name != "" {
			columns[i] = all[result.Index(g.Columns, name)]
			heads[i] = w.Heading(columns[i].Heading, columns[i].Format)
		}
	}
	heads[v.checkColumn()-1] = w.Heading(w.Text("revenue.check"), workbook.FormatDate)
	v.s.Put(30, heads...)
	first := v.s.Row + 1
	for i := range g.Rows {
		v.putAgainstRow(g, i, columns)
		currency := g.Str(i, "currency")
		if i+1 < len(g.Rows) && g.Str(i+1, "currency") == currency {
			continue
		}
		v.putAgainstTotal(g, columns, currency, first, v.s.Row)
		first = v.s.Row + 1
	}
	return nil
}

// emptyAgainst is a row without values.
func (v *tallyView) emptyAgainst(r workbook.Role) []any {
	cells := make([]any, len(againstColumns))
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: r})}
	}
	return cells
}

func (v *tallyView) putAgainstRow(g *catalogue.Grid, i int, columns []workbook.Column) {
	row := v.s.Row + 1
	cells := v.emptyAgainst(workbook.RoleBody)
	for c := range columns {
		switch {
		case columns[c].Name == "":
		case c+1 == againstDifference:
			cells[c] = v.w.Formula(&columns[c], workbook.RoleBody, workbook.CellName(againstAmount, row)+"-"+workbook.CellName(againstDue, row), result.Amount(g.At(i, "difference")))
		default:
			cells[c], _ = v.w.Cell(&columns[c], g.At(i, columns[c].Name))
		}
	}
	v.s.Put(16, cells...)
}

func (v *tallyView) putAgainstTotal(g *catalogue.Grid, columns []workbook.Column, currency string, first, last int) {
	w, row := v.w, v.s.Row+1
	cells := v.emptyAgainst(workbook.RoleTotal)
	cells[1] = excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: strings.TrimSpace(w.Text("summary.total", currency))}
	var paid duckdb.Decimal
	for c := range columns {
		if columns[c].Name == "" || columns[c].Format == workbook.FormatText {
			continue
		}
		var sum duckdb.Decimal
		for i := range g.Rows {
			if g.Str(i, "currency") == currency {
				sum = result.Plus(sum, result.Amount(g.At(i, columns[c].Name)))
			}
		}
		if c+1 == againstAmount {
			paid = sum
		}
		cells[c] = w.Formula(&columns[c], workbook.RoleTotal, "SUM("+workbook.CellName(c+1, first)+":"+workbook.CellName(c+1, last)+")", sum)
	}
	byMethod, live := duckdb.Decimal{}, "0"
	if at, ok := v.sumRows[currency+"\x00"]; ok {
		live = workbook.CellName(againstAmount, at)
		for _, s := range v.groups {
			if s.scope == currency+"\x00" {
				byMethod = result.Plus(byMethod, s.sums[slices.Index(v.t.figures, "amount")])
			}
		}
	}
	v.disagrees = v.disagrees || !result.Same(paid, byMethod)
	cells[v.checkColumn()-1] = w.Agreement(workbook.RoleTotal, fmt.Sprintf("ROUND(%s-%s,4)=0", workbook.CellName(againstAmount, row), live), result.Same(paid, byMethod))
	v.s.Put(18, cells...)
}
