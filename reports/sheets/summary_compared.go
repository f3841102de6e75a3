package sheets

import (
	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// putCompared sets the revenue of the book's last date beside that of the day
// before, of the same weekday a week ago and of the month to date.
func (v *summaryView) putCompared() {
	w := v.w
	v.s.Section(v.comparedHeading(), summaryWidth)
	if len(v.compared.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.no_revenue"))
		return
	}
	names := []string{"source", "account", "currency"}
	keys := len(names)
	for _, figure := range []string{"net_amount", "orders"} {
		for _, period := range hotelPeriods {
			names = append(names, figure+period)
		}
	}
	names = append(names, "month_days_open")
	columns := v.columns(v.compared, names...)
	v.heads(columns, len(columns))
	target := func(column string) string {
		if column == "source" || column == "account" || column == "currency" {
			return ""
		}
		return w.revenue
	}
	first := v.s.Row + 1
	for i := range v.compared.Rows {
		v.s.Put(16, v.figures(v.compared, i, columns, target)...)
		v.links(columns, target)
		v.w.stands(v.s, figureRow{report: "revenue_compared", row: i}, columns)
		currency := v.compared.Str(i, "currency")
		if i+1 < len(v.compared.Rows) && v.compared.Str(i+1, "currency") == currency {
			continue
		}
		v.putComparedTotal(columns[:len(columns)-1], keys, currency, first, v.s.Row)
		first = v.s.Row + 1
	}
}

func (v *summaryView) comparedHeading() string {
	return v.w.Text("part.compared", v.w.to.Format("2006-01-02"))
}

// putComparedTotal adds up the accounts of a currency; an asterisk says that
// not all of them state the figure.
func (v *summaryView) putComparedTotal(columns []workbook.Column, keys int, currency string, first, last int) {
	cells := make([]any, len(columns))
	for c := range cells {
		cells[c] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal})}
	}
	cells[0] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text("summary.total", currency)}
	for c := keys; c < len(columns); c++ {
		sum := v.comparedTotal(columns[c].Name, currency)
		area := workbook.CellName(c+1, first) + ":" + workbook.CellName(c+1, last)
		cells[c] = v.w.SumOfKnown(columns[c], workbook.RoleTotal, "COUNT("+area+")=0", "SUM("+area+")", sum.value, sum.known, sum.whole)
	}
	v.s.Put(18, cells...)
	v.w.stands(v.s, figureRow{report: "revenue_compared", total: true, of: currency}, columns)
}

// knownSum is a sum of the accounts that state a figure: whether any does, and
// whether all do.
type knownSum struct {
	value        duckdb.Decimal
	known, whole bool
}

// comparedTotal adds up a column over the accounts of a currency.
func (v *summaryView) comparedTotal(column, currency string) knownSum {
	sum := knownSum{value: result.Whole(0), whole: true}
	for i := range v.compared.Rows {
		if v.compared.Str(i, "currency") != currency {
			continue
		}
		value := v.compared.At(i, column)
		sum.known = sum.known || value != nil
		sum.whole = sum.whole && value != nil
		sum.value = result.Plus(sum.value, result.Amount(value))
	}
	return sum
}
