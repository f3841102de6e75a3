package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

// revenueDays is how many business dates the revenue of one date is shown
// with.
const revenueDays = 31

// The columns of the Revenue sheet, from 1. The first 15 are those of
// revenue.sql in its order; the days have five more.
const (
	revDate        = 1
	revStatus      = 6
	revRefunded    = 7
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
	w            *workbook
	s            *sheet
	detail, days *grid
	columns      []shown // of the detail, then the five of the days
	first, last  int     // rows of the detail
	disagrees    bool    // a check does
}

// revenueSheet shows flow revenue, newest date first.
func (w *workbook) revenueSheet() error {
	given := map[string]string{}
	if w.daily() {
		given["date_from"] = w.to.AddDate(0, 0, 1-revenueDays).Format(time.DateOnly)
	}
	v := &revenueView{w: w}
	var err error
	if v.detail, err = w.q.grid("revenue", given); err != nil {
		return err
	}
	if v.days, err = w.q.grid("revenue_days", given); err != nil {
		return err
	}
	v.sortDays()
	v.prepare()
	v.begin()
	w.revenue = v.s.name
	v.putDays()
	checks := areaName(revCheck, listingHead+1, revCheck, max(listingHead+1, v.s.row))
	v.putDetail()
	w.content(content{title: "sheet.revenue", sheet: w.revenue, rows: len(v.detail.rows), checks: checks, agree: !v.disagrees})
	return w.err
}

// sortDays puts the currency with the most orders first, and in each the
// newest date. Only the first currency keeps its days without orders: the
// chart needs them, the others would be lines of zeros.
func (v *revenueView) sortDays() {
	orders := map[string]int64{}
	for i := range v.days.rows {
		orders[v.days.str(i, "currency")] += v.days.count(i, "orders")
	}
	currency, date := columnIndex(v.days.columns, "currency"), columnIndex(v.days.columns, "business_date")
	slices.SortStableFunc(v.days.rows, func(a, b []any) int {
		ca, _ := a[currency].(string)
		cb, _ := b[currency].(string)
		return cmp.Or(cmp.Compare(orders[cb], orders[ca]), cmp.Compare(ca, cb), b[date].(time.Time).Compare(a[date].(time.Time)))
	})
	var kept [][]any
	for i, row := range v.days.rows {
		if v.days.str(i, "currency") == v.days.str(0, "currency") || v.days.count(i, "orders")+v.days.count(i, "refunded_orders") > 0 {
			kept = append(kept, row)
		}
	}
	v.days.rows = kept
}

// prepare decides the columns and finds where the detail will stand: the
// formulas of the days, which come first, name its rows.
func (v *revenueView) prepare() {
	b := v.w.book
	v.columns = b.shown(&v.detail.report.Layout, v.detail.columns)
	for _, row := range v.detail.rows {
		for i, value := range row {
			b.measure(&v.columns[i], value)
		}
	}
	days := b.shown(&v.days.report.Layout, v.days.columns)
	for i := range days {
		// A total is wider than its parts; a heading is not.
		widest := shown{column: days[i].column, format: days[i].format, vocabulary: days[i].vocabulary}
		for _, row := range v.days.rows {
			b.measure(&widest, row[i])
		}
		if widest.format == formatMoney || widest.format == formatCount {
			widest.widest += 2
		}
		days[i].widest = max(days[i].widest, widest.widest)
	}
	find := func(name string) shown { return days[columnIndex(v.days.columns, name)] }
	net := find("net_amount")
	v.columns = append(v.columns, find("canceled_amount"), find("refunded_orders"), find("refunded_amount"))
	database, check := net, shown{heading: b.text("revenue.check"), format: formatDate, widest: 6}
	database.heading = b.text("revenue.database")
	v.columns = append(v.columns, database, check)
	for i := range v.columns[:revLastAmount] {
		if j := columnIndex(v.days.columns, v.columns[i].Name); j >= 0 {
			v.columns[i].widest = max(v.columns[i].widest, days[j].widest)
		}
	}
	// Title, note, headings; the days with a total a currency, at least as
	// many rows as the chart beside them needs; a section, the rows shown,
	// headings.
	v.first = listingHead + max(len(v.days.rows)+len(v.currencies()), chartRows) + 1 + 3 + 1
	v.last = v.first + len(v.detail.rows) - 1
}

// chartRows is the height of a chart in rows.
const chartRows = 15

// currencies are those of the days, in their order.
func (v *revenueView) currencies() []string {
	var list []string
	for i := range v.days.rows {
		if c := v.days.str(i, "currency"); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func (v *revenueView) begin() {
	f := frame{name: v.w.text("sheet.revenue"), frozen: listingHead, frozenCol: 1, repeated: [2]int{listingHead, listingHead}}
	for i := range v.columns {
		f.widths = append(f.widths, v.columns[i].columnWidth())
	}
	v.s = v.w.sheet(f)
	v.s.line(roleTitle, 28, v.detail.report.Title.In(v.w.language))
	v.s.line(roleNote, 16, v.w.text("revenue.note"))
	v.s.headings(v.columns)
}

// putDays writes the live sums: one row a business date and currency, and a
// total for each currency.
func (v *revenueView) putDays() {
	start := v.s.row
	sums := v.sumDetail()
	for _, currency := range v.currencies() {
		first := v.s.row + 1
		for i := range v.days.rows {
			if v.days.str(i, "currency") == currency {
				v.putDay(i, sums[v.dayKey(v.days, i)])
			}
		}
		v.putTotal(currency, first, v.s.row)
		if v.s.row > first && first == start+1 {
			v.chart(first, v.s.row-1, currency)
		}
	}
	if len(v.days.rows) == 0 {
		v.s.line(roleNote, 18, v.w.text("summary.no_revenue"))
	}
	v.s.blank(max(0, start+chartRows-v.s.row))
	if v.s.row > start {
		v.w.flagChecks(v.s, revCheck, start+1, v.s.row)
	}
}

// revenueSums are the sums of the detail's rows for one day, as the sheet's
// formulas compute them: what a program that does not recalculate shows.
type revenueSums struct {
	amounts            [revLastAmount + 1]duckdb.Decimal // by column; orders too
	canceled, refunded duckdb.Decimal
	refunds            duckdb.Decimal
	first              int // the first of these rows on the sheet
}

func (v *revenueView) dayKey(g *grid, row int) string {
	return g.str(row, "business_date") + "|" + g.str(row, "currency")
}

func (v *revenueView) sumDetail() map[string]*revenueSums {
	sums := map[string]*revenueSums{}
	for i, row := range v.detail.rows {
		key := v.dayKey(v.detail, i)
		s := sums[key]
		if s == nil {
			s = &revenueSums{first: v.first + i}
			sums[key] = s
		}
		net := v.detail.amount(i, "net_amount")
		if v.detail.str(i, "refunded") == "refunded" {
			s.refunded = plus(s.refunded, net)
			s.refunds = plus(s.refunds, whole(v.detail.count(i, "orders")))
			continue
		}
		if status := v.detail.str(i, "status"); status == "canceled" || status == "closed" {
			s.canceled = plus(s.canceled, net)
		}
		s.amounts[revOrders] = plus(s.amounts[revOrders], whole(v.detail.count(i, "orders")))
		for c := revOrders + 1; c <= revLastAmount; c++ {
			d, _ := row[c-1].(duckdb.Decimal)
			s.amounts[c] = plus(s.amounts[c], d)
		}
	}
	return sums
}

// putDay writes the formulas of one business date and currency.
func (v *revenueView) putDay(i int, sums *revenueSums) {
	if sums == nil {
		sums = &revenueSums{}
	}
	row := v.s.row + 1
	cells := v.emptyRow(roleBody)
	cells[revDate-1], _ = v.w.cell(&v.columns[revDate-1], v.days.at(i, "business_date"))
	cells[revCurrency-1], _ = v.w.cell(&v.columns[revCurrency-1], v.days.at(i, "currency"))
	refunded := func(code string) string {
		return v.criterion(revRefunded, `"`+v.w.word("refunded", code)+`"`)
	}
	status := func(code string) string {
		return v.criterion(revStatus, `"`+v.w.word("order_status", code)+`"`)
	}
	here := v.criterion(revDate, fmt.Sprintf("$A%d", row)) + v.criterion(revCurrency, v.currencyCriterion(i, row))
	for c := revOrders; c <= revLastAmount; c++ {
		cells[c-1] = v.formula(c, roleLink, "SUMIFS("+v.area(c)+here+refunded("none")+")", sums.amounts[c])
	}
	net := "SUMIFS(" + v.area(revNet) + here
	cells[revCanceled-1] = v.formula(revCanceled, roleBody,
		net+refunded("none")+status("canceled")+")+"+net+refunded("none")+status("closed")+")", sums.canceled)
	cells[revRefunds-1] = v.formula(revRefunds, roleBody, "SUMIFS("+v.area(revOrders)+here+refunded("refunded")+")", sums.refunds)
	cells[revRefundedNet-1] = v.formula(revRefundedNet, roleBody, net+refunded("refunded")+")", sums.refunded)
	own := v.days.amount(i, "net_amount")
	cells[revDatabase-1], _ = v.w.cell(&v.columns[revDatabase-1], own)
	cells[revCheck-1] = v.checkCell(row, roleBody, same(own, sums.amounts[revNet]))
	v.s.put(16, cells...)
	if sums.first > 0 && v.s.mayLead() {
		for c := revOrders; c <= revLastAmount; c++ {
			v.s.lead(c, row, quoteSheet(v.s.name)+"!"+cellName(1, sums.first))
		}
	}
}

// putTotal writes the total of a currency's days.
func (v *revenueView) putTotal(currency string, first, last int) {
	row := v.s.row + 1
	cells := v.emptyRow(roleTotal)
	cells[0] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal, format: formatText}), Value: v.w.text("summary.total", currency)}
	sums := map[int]duckdb.Decimal{}
	for _, s := range v.sumDetailOf(currency) {
		for c := revOrders; c <= revLastAmount; c++ {
			sums[c] = plus(sums[c], s.amounts[c])
		}
		sums[revCanceled] = plus(sums[revCanceled], s.canceled)
		sums[revRefunds] = plus(sums[revRefunds], s.refunds)
		sums[revRefundedNet] = plus(sums[revRefundedNet], s.refunded)
	}
	for i := range v.days.rows {
		if v.days.str(i, "currency") == currency {
			sums[revDatabase] = plus(sums[revDatabase], v.days.amount(i, "net_amount"))
		}
	}
	for c := revOrders; c <= revDatabase; c++ {
		cells[c-1] = v.formula(c, roleTotal, "SUM("+cellName(c, first)+":"+cellName(c, last)+")", sums[c])
	}
	cells[revCheck-1] = v.checkCell(row, roleTotal, same(sums[revDatabase], sums[revNet]))
	v.s.put(18, cells...)
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
	return areaName(col, v.first, col, max(v.first, v.last))
}

// criterion is one more condition of a SUMIFS.
func (v *revenueView) criterion(col int, value string) string {
	return "," + v.area(col) + "," + value
}

// currencyCriterion matches the currency beside the sum; "=" matches the
// cells that have none.
func (v *revenueView) currencyCriterion(i, row int) string {
	if v.days.str(i, "currency") == "" {
		return `"="`
	}
	return "$" + cellName(revCurrency, row)
}

func (v *revenueView) formula(col int, r role, formula string, value duckdb.Decimal) excelize.Cell {
	return v.w.formula(&v.columns[col-1], r, formula, value)
}

func (v *revenueView) checkCell(row int, r role, agrees bool) excelize.Cell {
	v.disagrees = v.disagrees || !agrees
	return v.w.agreement(r, fmt.Sprintf("ROUND(%s-%s,4)=0", cellName(revNet, row), cellName(revDatabase, row)), agrees)
}

func (v *revenueView) emptyRow(r role) []any {
	cells := make([]any, len(v.columns))
	for i := range cells {
		if r == roleTotal || i+1 >= revCurrency || i == 0 {
			cells[i] = excelize.Cell{StyleID: v.w.style(styleKey{role: r})}
		}
	}
	return cells
}

// putDetail writes the rows that the days add up.
func (v *revenueView) putDetail() {
	v.s.blank(1)
	v.s.section(v.w.text("revenue.detail"), revLastAmount)
	v.putShown()
	v.s.headings(v.columns[:revLastAmount])
	lead := v.w.leadToDay("orders")
	for _, row := range v.detail.rows {
		column, to := lead(newRow(v.detail.columns, row))
		leads := column != "" && v.s.mayLead()
		orders := &v.columns[revOrders-1]
		if leads {
			orders.role = roleLink
		}
		v.s.putValues(v.columns[:revLastAmount], row)
		orders.role = roleBody
		if leads {
			v.w.orders.want(to, v.s, revOrders, v.s.row)
		}
	}
	if len(v.detail.rows) == 0 {
		v.s.line(roleNote, 18, v.w.text("book.none"))
	}
	if v.w.err == nil {
		v.w.check(v.w.file.AutoFilter(v.s.name, areaName(1, v.first-1, revLastAmount, max(v.first, v.last)), nil))
	}
}

// putShown writes the sums of the rows that the filter leaves: with one
// currency only, for amounts of several are never added up.
func (v *revenueView) putShown() {
	if len(v.detail.rows) == 0 || len(v.currencies()) != 1 {
		v.s.blank(1)
		return
	}
	cells := make([]any, revLastAmount)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal})}
	}
	cells[0] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal, format: formatText}), Value: v.w.text("revenue.shown")}
	for c := revOrders; c <= revLastAmount; c++ {
		var sum duckdb.Decimal
		for i, row := range v.detail.rows {
			d, _ := row[c-1].(duckdb.Decimal)
			if c == revOrders {
				d = whole(v.detail.count(i, "orders"))
			}
			sum = plus(sum, d)
		}
		cells[c-1] = v.formula(c, roleTotal, "SUBTOTAL(9,"+v.area(c)+")", sum)
	}
	v.s.put(18, cells...)
}

// chart shows the net revenue of the days beside their figures, over the
// columns that only the detail fills.
func (v *revenueView) chart(first, last int, currency string) {
	if v.w.err != nil {
		return
	}
	width := 0.0
	for c := revDate + 1; c < revCurrency; c++ {
		width += v.columns[c-1].columnWidth()
	}
	height := uint(min(max(last-first+1, chartRows), 24)) * 20
	c := v.w.chartBase(v.w.text("revenue.chart", currency), max(pixels(width), 300)-12, height)
	c.Type = excelize.Col
	name := quoteSheet(v.s.name) + "!"
	c.Series = []excelize.ChartSeries{{
		Name:       name + areaName(revNet, listingHead, revNet, listingHead),
		Categories: name + areaName(revDate, first, revDate, last),
		Values:     name + areaName(revNet, first, revNet, last),
		Fill:       solid(accent),
	}}
	// Dates make an axis of dates, which runs from left to right although the
	// newest date stands on top of the table.
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "mm-dd"}
	c.XAxis.Alignment = excelize.Alignment{TextRotation: 90}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap := uint(40)
	c.GapWidth = &gap
	v.w.check(v.w.file.AddChart(v.s.name, cellName(revDate+1, first), c))
}
