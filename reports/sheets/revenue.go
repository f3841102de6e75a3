package sheets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// revenueDays is how many business dates the revenue of one date is shown
// with.
const revenueDays = 31

// The columns of the Revenue sheet, from 1. The first 15 are those of
// revenue.sql in its order; the days have five more.
const (
	revDate        = 1
	revStanding    = 7
	revCurrency    = 8
	revOrders      = 9
	revNet         = 13
	revLastAmount  = 15
	revCanceled    = 16
	revRefunds     = 17
	revRefundedNet = 18
	revDatabase    = 19
	revCheck       = 20
)

// revenueView is the Revenue sheet being written: above the live sums of each
// business date, below the detail that they add up.
type revenueView struct {
	w            *reconciliation
	s            *workbook.Sheet
	detail, days *catalogue.Grid
	columns      []workbook.Column // of the detail, then the five of the days
	first, last  int               // rows of the detail
	disagrees    bool              // a check does
}

// revenueSheet shows flow revenue, newest date first.
func (w *reconciliation) revenueSheet() error {
	given := map[string]string{}
	if w.daily() {
		given["date_from"] = w.to.AddDate(0, 0, 1-revenueDays).Format(time.DateOnly)
	}
	v := &revenueView{w: w}
	var err error
	if v.detail, err = w.q.Grid("revenue", given); err != nil {
		return err
	}
	if v.days, err = w.q.Grid("revenue_days", given); err != nil {
		return err
	}
	v.sortDays()
	v.prepare()
	v.begin()
	w.revenue, w.days = v.s.Name, v
	v.putDays()
	checks := workbook.AreaName(revCheck, workbook.ListingHead+1, revCheck, max(workbook.ListingHead+1, v.s.Row))
	v.putDetail()
	w.content(content{title: "sheet.revenue", sheet: w.revenue, rows: len(v.detail.Rows), checks: checks, agree: !v.disagrees})
	return w.Err
}

// sortDays puts the currency with the most orders first, and in each the
// newest date. Only the first currency keeps its days without orders: the
// chart needs them, the others would be lines of zeros.
func (v *revenueView) sortDays() {
	orders := map[string]int64{}
	for i := range v.days.Rows {
		orders[v.days.Str(i, "currency")] += v.days.Count(i, "orders")
	}
	currency, date := result.Index(v.days.Columns, "currency"), result.Index(v.days.Columns, "business_date")
	slices.SortStableFunc(v.days.Rows, func(a, b []any) int {
		ca, _ := a[currency].(string)
		cb, _ := b[currency].(string)
		return cmp.Or(cmp.Compare(orders[cb], orders[ca]), cmp.Compare(ca, cb), b[date].(time.Time).Compare(a[date].(time.Time)))
	})
	var kept [][]any
	for i, row := range v.days.Rows {
		if v.days.Str(i, "currency") == v.days.Str(0, "currency") || v.days.Count(i, "orders")+v.days.Count(i, "refunded_orders") > 0 {
			kept = append(kept, row)
		}
	}
	v.days.Rows = kept
}

// prepare decides the columns and finds where the detail will stand: the
// formulas of the days, which come first, name its rows.
func (v *revenueView) prepare() {
	b := v.w.Book
	v.columns = b.Columns(&v.detail.Report.Layout, v.detail.Columns)
	for _, row := range v.detail.Rows {
		for i, value := range b.Named(v.columns, row) {
			b.Measure(&v.columns[i], value)
		}
	}
	days := b.Columns(&v.days.Report.Layout, v.days.Columns)
	for i := range days {
		// A total is wider than its parts; a heading is not.
		widest := workbook.Column{Column: days[i].Column, Format: days[i].Format, Vocabulary: days[i].Vocabulary}
		for _, row := range v.days.Rows {
			b.Measure(&widest, row[i])
		}
		if widest.Format == workbook.FormatMoney || widest.Format == workbook.FormatCount {
			widest.Widest += 2
		}
		days[i].Widest = max(days[i].Widest, widest.Widest)
	}
	find := func(name string) workbook.Column { return days[result.Index(v.days.Columns, name)] }
	net := find("net_amount")
	v.columns = append(v.columns, find("canceled_amount"), find("refunded_orders"), find("refunded_amount"))
	database, check := net, workbook.Column{Heading: b.Text("revenue.check"), Format: workbook.FormatDate, Widest: 6}
	database.Heading = b.Text("revenue.database")
	v.columns = append(v.columns, database, check)
	for i := range v.columns[:revLastAmount] {
		if j := result.Index(v.days.Columns, v.columns[i].Name); j >= 0 {
			v.columns[i].Widest = max(v.columns[i].Widest, days[j].Widest)
		}
	}
	// Title, note, headings; the days with a total a currency, at least as
	// many rows as the chart beside them needs; a section, the rows shown,
	// headings.
	v.first = workbook.ListingHead + max(len(v.days.Rows)+len(v.currencies()), chartRows) + 1 + 3 + 1
	v.last = v.first + len(v.detail.Rows) - 1
}

// chartRows is the height of a chart in rows.
const chartRows = 15

// currencies are those of the days, in their order.
func (v *revenueView) currencies() []string {
	var list []string
	for i := range v.days.Rows {
		if c := v.days.Str(i, "currency"); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func (v *revenueView) begin() {
	f := workbook.Frame{Name: v.w.Text("sheet.revenue"), Frozen: workbook.ListingHead, FrozenCol: 1, Repeated: [2]int{workbook.ListingHead, workbook.ListingHead}}
	for i := range v.columns {
		f.Widths = append(f.Widths, v.columns[i].ColumnWidth())
	}
	v.s = v.w.Sheet(f)
	v.s.PrintColumns(revLastAmount)
	v.s.Line(workbook.RoleTitle, 28, v.detail.Report.Title.In(v.w.Language))
	v.s.Line(workbook.RoleNote, 16, v.w.Text("revenue.note"))
	v.s.Headings(v.columns)
}

// putDays writes the live sums: one row a business date and currency, and a
// total for each currency.
func (v *revenueView) putDays() {
	start := v.s.Row
	sums := v.sumDetail()
	for _, currency := range v.currencies() {
		first := v.s.Row + 1
		for i := range v.days.Rows {
			if v.days.Str(i, "currency") == currency {
				v.putDay(i, sums[v.dayKey(v.days, i)])
			}
		}
		v.putTotal(currency, first, v.s.Row)
		if v.s.Row > first && first == start+1 {
			v.chart(first, v.s.Row-1, currency)
		}
	}
	if len(v.days.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, v.w.Text("summary.no_revenue"))
	}
	v.s.Blank(max(0, start+chartRows-v.s.Row))
	if v.s.Row > start {
		v.w.FlagChecks(v.s, revCheck, start+1, v.s.Row)
	}
}

// revenueSums are the sums of the detail's rows for one day, as the sheet's
// formulas compute them: what a program that does not recalculate shows.
type revenueSums struct {
	amounts            [revLastAmount + 1]duckdb.Decimal // by column; orders too
	known              [revLastAmount + 1]int            // rows that state the amount, of rows
	rows               int
	canceled, refunded duckdb.Decimal
	refunds            duckdb.Decimal
	first              int // the first of these rows on the sheet
}

func (v *revenueView) dayKey(g *catalogue.Grid, row int) string {
	return g.Str(row, "business_date") + "|" + g.Str(row, "currency")
}

func (v *revenueView) sumDetail() map[string]*revenueSums {
	sums := map[string]*revenueSums{}
	for i, row := range v.detail.Rows {
		key := v.dayKey(v.detail, i)
		s := sums[key]
		if s == nil {
			s = &revenueSums{first: v.first + i}
			sums[key] = s
		}
		net := v.detail.Amount(i, "net_amount")
		switch v.detail.Str(i, "standing") {
		case "refunded":
			s.refunded = result.Plus(s.refunded, net)
			s.refunds = result.Plus(s.refunds, result.Whole(v.detail.Count(i, "orders")))
			continue
		case "canceled":
			s.canceled = result.Plus(s.canceled, net)
			continue
		}
		s.amounts[revOrders] = result.Plus(s.amounts[revOrders], result.Whole(v.detail.Count(i, "orders")))
		for c := revOrders + 1; c <= revLastAmount; c++ {
			d, stated := row[c-1].(duckdb.Decimal)
			s.amounts[c] = result.Plus(s.amounts[c], d)
			if stated {
				s.known[c]++
			}
		}
		s.rows++
	}
	return sums
}

// putDay writes the formulas of one business date and currency.
func (v *revenueView) putDay(i int, sums *revenueSums) {
	if sums == nil {
		sums = &revenueSums{}
	}
	row := v.s.Row + 1
	cells := v.emptyRow(workbook.RoleBody)
	cells[revDate-1], _ = v.w.Cell(&v.columns[revDate-1], v.days.At(i, "business_date"))
	cells[revCurrency-1], _ = v.w.Cell(&v.columns[revCurrency-1], v.days.At(i, "currency"))
	here := v.criterion(revDate, fmt.Sprintf("$A%d", row)) + v.criterion(revCurrency, v.currencyCriterion(i, row))
	cells[revOrders-1] = v.formula(revOrders, workbook.RoleLink, "SUMIFS("+v.area(revOrders)+here+v.standing("live")+")", sums.amounts[revOrders])
	for c := revOrders + 1; c <= revLastAmount; c++ {
		cells[c-1] = v.stated(c, workbook.RoleLink, v.unstated(c, row, here),
			"SUMIFS("+v.area(c)+here+v.standing("live")+")", sums.amounts[c], sums.known[c], sums.rows)
	}
	net := "SUMIFS(" + v.area(revNet) + here
	cells[revCanceled-1] = v.formula(revCanceled, workbook.RoleBody, net+v.standing("canceled")+")", sums.canceled)
	cells[revRefunds-1] = v.formula(revRefunds, workbook.RoleBody, "SUMIFS("+v.area(revOrders)+here+v.standing("refunded")+")", sums.refunds)
	cells[revRefundedNet-1] = v.formula(revRefundedNet, workbook.RoleBody, net+v.standing("refunded")+")", sums.refunded)
	own := v.days.Amount(i, "net_amount")
	cells[revDatabase-1], _ = v.w.Cell(&v.columns[revDatabase-1], v.days.At(i, "net_amount"))
	cells[revCheck-1] = v.checkCell(row, workbook.RoleBody, result.Same(own, sums.amounts[revNet]))
	v.s.Put(16, cells...)
	v.w.stands(v.s, figureRow{report: "revenue_days", row: i}, v.columns)
	if sums.first > 0 && v.s.MayLead() {
		for c := revOrders; c <= revLastAmount; c++ {
			v.s.Lead(c, row, workbook.QuoteSheet(v.s.Name)+"!"+workbook.CellName(1, sums.first))
		}
	}
}

// putTotal writes the total of a currency's days.
func (v *revenueView) putTotal(currency string, first, last int) {
	row := v.s.Row + 1
	cells := v.emptyRow(workbook.RoleTotal)
	cells[0] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text("summary.total", currency)}
	sums, stated, rows := map[int]duckdb.Decimal{}, map[int]int{}, 0
	for _, s := range v.sumDetailOf(currency) {
		for c := revOrders; c <= revLastAmount; c++ {
			sums[c] = result.Plus(sums[c], s.amounts[c])
			stated[c] += s.known[c]
		}
		rows += s.rows
		sums[revCanceled] = result.Plus(sums[revCanceled], s.canceled)
		sums[revRefunds] = result.Plus(sums[revRefunds], s.refunds)
		sums[revRefundedNet] = result.Plus(sums[revRefundedNet], s.refunded)
	}
	for i := range v.days.Rows {
		if v.days.Str(i, "currency") == currency {
			sums[revDatabase] = result.Plus(sums[revDatabase], v.days.Amount(i, "net_amount"))
		}
	}
	match := `"` + currency + `"`
	if currency == "" {
		match = `"="`
	}
	for c := revOrders; c <= revDatabase; c++ {
		area := workbook.CellName(c, first) + ":" + workbook.CellName(c, last)
		if c == revOrders || c > revLastAmount {
			cells[c-1] = v.formula(c, workbook.RoleTotal, "SUM("+area+")", sums[c])
			continue
		}
		// A day without orders shows 0, so that the days cannot tell.
		cells[c-1] = v.stated(c, workbook.RoleTotal, v.unstated(c, row, v.criterion(revCurrency, match)), "SUM("+area+")", sums[c], stated[c], rows)
	}
	cells[revCheck-1] = v.checkCell(row, workbook.RoleTotal, result.Same(sums[revDatabase], sums[revNet]))
	v.s.Put(18, cells...)
}

func (v *revenueView) sumDetailOf(currency string) []*revenueSums {
	var list []*revenueSums
	for key, s := range v.sumDetail() {
		if strings.HasSuffix(key, "|"+currency) {
			list = append(list, s)
		}
	}
	return list
}

// area is a column of the detail.
func (v *revenueView) area(col int) string {
	return workbook.AreaName(col, v.first, col, max(v.first, v.last))
}

// criterion is one more condition of a SUMIFS.
func (v *revenueView) criterion(col int, value string) string {
	return "," + v.area(col) + "," + value
}

// standing is the condition of a SUMIFS that orders are of that standing.
func (v *revenueView) standing(code string) string {
	return v.criterion(revStanding, `"`+v.w.Word("standing", code)+`"`)
}

// unstated says in a formula that there are live orders in the row, and that
// none of those that the conditions choose states the amount.
func (v *revenueView) unstated(col, row int, conditions string) string {
	return "AND(" + workbook.CellName(revOrders, row) + "<>0,COUNTIFS(" + v.area(col) + `,">-1E+300"` + conditions + v.standing("live") + ")=0)"
}

// currencyCriterion matches the currency beside the sum; "=" matches the
// cells that have none.
func (v *revenueView) currencyCriterion(i, row int) string {
	if v.days.Str(i, "currency") == "" {
		return `"="`
	}
	return "$" + workbook.CellName(revCurrency, row)
}

// stated is a live sum that is empty while the condition says that nothing of it
// is known; known is how many of its rows state the amount.
func (v *revenueView) stated(col int, r workbook.Role, unknown, sum string, value duckdb.Decimal, known, rows int) excelize.Cell {
	return v.w.SumOfKnown(v.columns[col-1], r, unknown, sum, value, known > 0 || rows == 0, known >= rows)
}

func (v *revenueView) formula(col int, r workbook.Role, formula string, value duckdb.Decimal) excelize.Cell {
	return v.w.Formula(&v.columns[col-1], r, formula, value)
}

func (v *revenueView) checkCell(row int, r workbook.Role, agrees bool) excelize.Cell {
	v.disagrees = v.disagrees || !agrees
	return v.w.Agreement(r, fmt.Sprintf("ROUND(N(%s)-N(%s),4)=0", workbook.CellName(revNet, row), workbook.CellName(revDatabase, row)), agrees)
}

func (v *revenueView) emptyRow(r workbook.Role) []any {
	cells := make([]any, len(v.columns))
	for i := range cells {
		if r == workbook.RoleTotal || i+1 >= revCurrency || i == 0 {
			cells[i] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: r})}
		}
	}
	return cells
}

// putDetail writes the rows that the days add up.
func (v *revenueView) putDetail() {
	v.s.Blank(1)
	v.s.Section(v.w.Text("revenue.detail"), revLastAmount)
	v.putShown()
	v.s.Headings(v.columns[:revLastAmount])
	lead := v.w.leadToDay("orders")
	for _, row := range v.detail.Rows {
		column, to := lead(result.RowOf(v.detail.Columns, row))
		leads := column != "" && v.s.MayLead()
		orders := &v.columns[revOrders-1]
		if leads {
			orders.Role = workbook.RoleLink
		}
		v.s.PutValues(v.columns[:revLastAmount], row)
		orders.Role = workbook.RoleBody
		if leads {
			v.w.orders.want(to, v.s, revOrders, v.s.Row)
		}
	}
	if len(v.detail.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, v.w.Text("book.none"))
	}
	v.s.Filter(workbook.AreaName(1, v.first-1, revLastAmount, max(v.first, v.last)))
}

// putShown writes the sums of the rows that the filter leaves: with one
// currency only, for amounts of several are never added up.
func (v *revenueView) putShown() {
	if len(v.detail.Rows) == 0 {
		v.s.Blank(1)
		return
	}
	cells := make([]any, revLastAmount)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal})}
	}
	label, last := "revenue.shown", revLastAmount
	if len(v.currencies()) != 1 {
		label, last = "tally.shown_mixed", revOrders
	}
	cells[0] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text(label)}
	for c := revOrders; c <= last; c++ {
		var sum duckdb.Decimal
		for i, row := range v.detail.Rows {
			d, _ := row[c-1].(duckdb.Decimal)
			if c == revOrders {
				d = result.Whole(v.detail.Count(i, "orders"))
			}
			sum = result.Plus(sum, d)
		}
		cells[c-1] = v.formula(c, workbook.RoleTotal, "SUBTOTAL(9,"+v.area(c)+")", sum)
	}
	v.s.Put(18, cells...)
}
