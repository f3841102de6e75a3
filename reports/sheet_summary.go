package reports

import (
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

// The summary is laid out on a grid of its own: two columns of names, then
// fourteen that hold the figures of the tables and the days of the calendar.
const (
	calendarDays  = 14
	summaryWidth  = 2 + calendarDays
	ageChartFrom  = 10 // column
	ageChartRows  = 11
	summaryHead   = 3
	summaryFigure = 12.6 // width of a column of figures, at least
	summaryDay    = 9.5
	summaryGap    = 9 // height between the parts

	summaryFigures = 10 // columns that may hold figures
)

// summaryView is the first sheet being written.
type summaryView struct {
	w                         *workbook
	s                         *sheet
	widths                    []float64
	accounts, revenue, breaks *grid
	ages, calendar, control   *grid
	closes, restated          *grid
}

// beginSummary takes the first place in the workbook and reads what the sheet
// shows. The rows are written by the function that it gives back, once the
// other sheets are there.
func (w *workbook) beginSummary() (func() error, error) {
	v := &summaryView{w: w}
	for name, into := range map[string]**grid{
		"run_accounts": &v.accounts, "revenue_accounts": &v.revenue, "breaks_severity": &v.breaks,
		"closes": &v.closes, "restatements_totals": &v.restated,
		"breaks_age": &v.ages, "calendar": &v.calendar, "orders_control": &v.control,
	} {
		g, err := w.q.grid(name, nil)
		if err != nil {
			return nil, err
		}
		*into = g
	}
	f := frame{name: w.text("sheet.summary"), frozen: summaryHead}
	names := [2]float64{12, 12}
	for i := range v.accounts.rows {
		names[0] = max(names[0], textWidth(v.accounts.str(i, "source"))+2)
		names[1] = max(names[1], textWidth(v.accounts.str(i, "account"))+2)
	}
	f.widths = append(f.widths, min(names[0], 20), min(names[1], 24))
	figure := v.figureWidth()
	for i := range calendarDays {
		if i < summaryFigures {
			f.widths = append(f.widths, figure)
		} else {
			f.widths = append(f.widths, summaryDay)
		}
	}
	v.widths = f.widths
	v.s = w.sheet(f)
	return v.put, nil
}

// put writes the sheet part by part. On paper a part is not torn from its
// heading.
func (v *summaryView) put() error {
	w := v.w
	v.s.line(roleTitle, 30, w.text("book.title"))
	v.s.line(roleNote, 16, w.period()+" · "+w.text("book.zone", w.zone))
	v.putVerdict()
	var parts []block
	for _, part := range []func(){
		v.putAccounts, v.putRevenue, v.putBreaks, v.putRestated, v.putCalendar, v.putControl, v.putContents, v.putRun,
	} {
		v.s.put(summaryGap)
		b := block{row: v.s.row + 1, begin: v.s.points}
		part()
		b.end = v.s.points
		parts = append(parts, b)
	}
	v.s.keepTogether(parts, v.widths)
	return w.err
}

// figureWidth is the width that the widest figure needs: the tables share
// their columns.
func (v *summaryView) figureWidth() float64 {
	width := summaryFigure
	for _, g := range []*grid{v.accounts, v.revenue, v.breaks, v.restated, v.control} {
		columns := v.w.shown(&g.report.Layout, g.columns)
		for c := range columns {
			if columns[c].format != formatMoney && columns[c].format != formatCount {
				continue
			}
			columns[c].widest = 0
			for _, row := range g.rows {
				v.w.measure(&columns[c], row[c])
			}
			if g == v.revenue {
				for i := range g.rows {
					v.w.measure(&columns[c], v.revenueTotal(g.str(i, "currency"), columns[c].Name))
				}
			}
			width = max(width, columns[c].columnWidth())
		}
	}
	return width
}

// fields names a table's columns on the sheet: heading and report column.
func (v *summaryView) columns(g *grid, names ...string) []shown {
	all := v.w.shown(&g.report.Layout, g.columns)
	var list []shown
	for _, name := range names {
		list = append(list, all[columnIndex(g.columns, name)])
	}
	return list
}

// table writes a part's headings.
func (v *summaryView) heads(columns []shown, width int) {
	cells := make([]any, width)
	for i := range cells {
		cells[i] = v.w.heading("", formatText)
		if i < len(columns) {
			cells[i] = v.w.heading(columns[i].heading, columns[i].format)
		}
	}
	v.s.put(30, cells...)
}

// figures writes one row of a table; every figure leads to its sheet.
func (v *summaryView) figures(g *grid, i int, columns []shown, r role, target func(column string) string) []any {
	cells := make([]any, len(columns))
	for c := range columns {
		column := columns[c]
		column.role = r
		sheet := target(column.Name)
		if sheet != "" {
			column.role = roleLink
		}
		cell, note := v.w.cell(&column, g.at(i, column.Name))
		if note != "" {
			v.s.note(c+1, v.s.row+1, note)
		}
		cells[c] = cell
	}
	return cells
}

// links leads from the cells of the row just written.
func (v *summaryView) links(columns []shown, target func(column string) string) {
	for c := range columns {
		if sheet := target(columns[c].Name); sheet != "" {
			v.s.link(c+1, sheet)
		}
	}
}

func nowhere(string) string { return "" }

// putAccounts: per source and account what was stated, fetched, loaded,
// refused, and how it ended. What is missing is named with its message.
func (v *summaryView) putAccounts() {
	w := v.w
	v.s.section(w.text("part.accounts"), summaryWidth)
	columns := v.columns(v.accounts, "source", "account", "state", "stated", "fetched", "loaded", "rejected")
	heads := append(columns[:len(columns):len(columns)], shown{heading: w.text("summary.message"), format: formatText})
	v.heads(heads, summaryWidth)
	v.s.span(len(heads), summaryWidth)
	target := func(column string) string {
		switch column {
		case "loaded":
			return w.ordersSheetName()
		case "rejected":
			return w.rejects
		}
		return ""
	}
	for i := range v.accounts.rows {
		cells := v.figures(v.accounts, i, columns, roleBody, target)
		state := v.accounts.str(i, "state")
		cells[2] = excelize.Cell{StyleID: w.style(styleKey{role: stateRole(state), center: true}), Value: w.word("state", state)}
		remark := strings.Trim(v.accounts.str(i, "message")+" · "+v.streams(i), " ·")
		room := 0.0
		for _, width := range v.widths[len(columns):] {
			room += width
		}
		cells = append(cells, excelize.Cell{StyleID: w.style(styleKey{role: roleWrap, format: formatText}), Value: remark})
		for len(cells) < summaryWidth {
			cells = append(cells, excelize.Cell{StyleID: w.style(styleKey{role: roleWrap})})
		}
		v.s.put(max(18, wrappedHeight(remark, room)), cells...)
		v.s.span(len(columns)+1, summaryWidth)
		v.links(columns, target)
	}
}

// streams are the streams of an account in words, each with what was fetched
// of it and what the vendor stated.
func (v *summaryView) streams(account int) string {
	list := strings.Split(v.accounts.str(account, "streams"), " · ")
	for i, stream := range list {
		name, figures, _ := strings.Cut(stream, " ")
		list[i] = v.w.word("stream", name) + " " + figures
	}
	return strings.Join(list, " · ")
}

func stateRole(state string) role {
	switch state {
	case "complete":
		return roleGood
	case "unreconciled":
		return roleWarn
	case "failed":
		return roleBad
	}
	return roleNone
}

// putRevenue: flow revenue of the range, a total for each currency and never
// across them.
func (v *summaryView) putRevenue() {
	w := v.w
	v.s.section(w.text("part.revenue"), summaryWidth)
	v.s.line(roleNote, 15, w.text("summary.flow_note"))
	if len(v.revenue.rows) == 0 {
		v.s.line(roleNote, 18, w.text("summary.no_revenue"))
		return
	}
	columns := v.columns(v.revenue, "source", "account", "currency", "orders", "gross_amount", "discount_amount", "net_amount",
		"canceled_amount", "paid_amount", "outstanding_amount", "refunded_orders", "refunded_amount")
	v.heads(columns, len(columns))
	target := func(column string) string {
		if column == "source" || column == "account" || column == "currency" {
			return ""
		}
		if column == "outstanding_amount" {
			return w.outstanding
		}
		return w.revenue
	}
	first := v.s.row + 1
	for i := range v.revenue.rows {
		v.s.put(16, v.figures(v.revenue, i, columns, roleBody, target)...)
		v.links(columns, target)
		currency := v.revenue.str(i, "currency")
		if i+1 < len(v.revenue.rows) && v.revenue.str(i+1, "currency") == currency {
			continue
		}
		v.putRevenueTotal(columns, currency, first, v.s.row)
		v.links(columns, target)
		first = v.s.row + 1
	}
}

func (v *summaryView) putRevenueTotal(columns []shown, currency string, first, last int) {
	cells := make([]any, len(columns))
	cells[0] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal, format: formatText}), Value: v.w.text("summary.total", currency)}
	for c := 1; c < len(columns); c++ {
		if columns[c].format == formatText {
			cells[c] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal})}
			continue
		}
		cells[c] = v.w.formula(&columns[c], roleTotal, "SUM("+cellName(c+1, first)+":"+cellName(c+1, last)+")",
			v.revenueTotal(currency, columns[c].Name))
	}
	v.s.put(18, cells...)
}

// revenueTotal adds a column of one currency.
func (v *summaryView) revenueTotal(currency, column string) duckdb.Decimal {
	var sum duckdb.Decimal
	for i := range v.revenue.rows {
		if v.revenue.str(i, "currency") != currency {
			continue
		}
		if d, ok := v.revenue.at(i, column).(duckdb.Decimal); ok {
			sum = plus(sum, d)
		} else {
			sum = plus(sum, whole(v.revenue.count(i, column)))
		}
	}
	return sum
}

// putBreaks: by severity with the sum of the differences, by age beside it as
// a chart.
func (v *summaryView) putBreaks() {
	w := v.w
	v.s.section(w.text("part.breaks"), summaryWidth)
	v.s.line(roleNote, 15, w.text("summary.break_note"))
	start := v.s.row
	columns := v.columns(v.breaks, "severity", "currency", "open_breaks", "explained_breaks", "accepted_breaks", "difference", "absolute", "oldest")
	v.heads(columns, len(columns))
	target := func(column string) string {
		if column == "severity" || column == "currency" {
			return ""
		}
		return w.breaks
	}
	if len(v.breaks.rows) == 0 {
		v.s.line(roleNote, 18, w.text("summary.no_breaks"))
	}
	for i := range v.breaks.rows {
		v.s.put(16, v.figures(v.breaks, i, columns, roleBody, target)...)
		v.links(columns, target)
	}
	if len(v.breaks.rows) == 0 {
		return
	}
	v.s.blank(1)
	ages := v.columns(v.ages, "age", "error", "warning", "info")
	v.heads(ages, len(ages))
	first := v.s.row + 1
	for i := range v.ages.rows {
		cells := v.figures(v.ages, i, ages, roleBody, nowhere)
		v.s.put(16, cells...)
	}
	width := uint(0)
	for _, w := range v.widths[ageChartFrom-1:] {
		width += pixels(w)
	}
	w.ageChart(v.s, cellName(ageChartFrom, start+1), first, v.s.row, width, ageChartRows*21)
	v.s.blank(max(0, start+ageChartRows-v.s.row))
}

// ageChart shows open breaks by age, by severity, from the table at row
// first of the summary.
func (b *book) ageChart(s *sheet, anchor string, first, last int, width, height uint) {
	if b.err != nil {
		return
	}
	c := b.chartBase(b.text("breaks.chart"), width, height)
	c.Type = excelize.ColStacked
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Size: 8, Color: mutedText, Family: b.font}}
	name := quoteSheet(s.name) + "!"
	for i, color := range []string{badText, "D9A300", "9AA5B1"} {
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("%s%s", name, areaName(2+i, first-1, 2+i, first-1)),
			Categories: name + areaName(1, first, 1, last),
			Values:     name + areaName(2+i, first, 2+i, last),
			Fill:       solid(color),
		})
	}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap, overlap := uint(60), 100
	c.GapWidth, c.Overlap = &gap, &overlap
	b.check(b.file.AddChart(s.name, anchor, c))
}
