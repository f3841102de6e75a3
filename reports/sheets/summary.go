package sheets

import (
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// The summary is laid out on a grid of its own: two columns of names, then
// fourteen that hold the figures of the tables and the days of the calendar.
const (
	calendarDays  = 14
	summaryWidth  = 2 + calendarDays
	ageChartFrom  = 11 // column
	ageChartRows  = 11
	summaryHead   = 3
	summaryFigure = 12.0 // width of a column of figures, at least
	summaryDay    = 6
	summaryGap    = 9 // height between the parts

	summaryFigures = 10 // columns that may hold figures
)

// summaryView is the first sheet being written.
type summaryView struct {
	w                         *reconciliation
	s                         *workbook.Sheet
	widths                    []float64
	accounts, revenue, breaks *catalogue.Grid
	ages, calendar, control   *catalogue.Grid
	closes, restated          *catalogue.Grid
	coverage, facts           *catalogue.Grid
	compared, underWay        *catalogue.Grid
}

// readSummary asks for what the first sheet shows.
func (w *reconciliation) readSummary() (*summaryView, error) {
	v := &summaryView{w: w}
	if err := v.readVerdict(); err != nil {
		return nil, err
	}
	return v, v.read(map[string]**catalogue.Grid{
		"run_accounts": &v.accounts, "revenue_compared": &v.compared, "breaks_age": &v.ages, "calendar": &v.calendar,
		"closes": &v.closes, "under_way": &v.underWay, "restatements_totals": &v.restated, "orders_control": &v.control,
	})
}

// readVerdict asks for what the verdict rests on.
func (v *summaryView) readVerdict() error {
	return v.read(map[string]**catalogue.Grid{
		"coverage": &v.coverage, "verdict": &v.facts, "breaks_severity": &v.breaks, "revenue_accounts": &v.revenue,
	})
}

func (v *summaryView) read(grids map[string]**catalogue.Grid) error {
	for name, into := range grids {
		g, err := v.w.q.Grid(name, nil)
		if err != nil {
			return err
		}
		*into = g
	}
	return nil
}

// beginSummary takes the first place in the workbook. The rows are written by
// the function that it gives back, once the other sheets are there.
func (w *reconciliation) beginSummary() (func() error, error) {
	v, err := w.readSummary()
	if err != nil {
		return nil, err
	}
	f := workbook.Frame{Name: w.Text("sheet.summary"), Frozen: summaryHead}
	names := [2]float64{13, 11}
	for i := range v.accounts.Rows {
		names[0] = max(names[0], workbook.TextWidth(v.accounts.Str(i, "source"))+2)
		names[1] = max(names[1], workbook.TextWidth(w.Account(v.accounts.Str(i, "source"), v.accounts.Str(i, "account")))+2)
	}
	f.Widths = append(f.Widths, min(names[0], 20), min(names[1], 24))
	figure := v.figureWidth()
	for i := range calendarDays {
		if i < summaryFigures {
			f.Widths = append(f.Widths, figure)
		} else {
			f.Widths = append(f.Widths, summaryDay)
		}
	}
	v.widths = f.Widths
	v.s = w.Sheet(f)
	w.summary = v
	return v.put, nil
}

// put writes the sheet part by part. On paper a part is not torn from its
// heading.
func (v *summaryView) put() error {
	w := v.w
	v.s.Line(workbook.RoleTitle, 30, w.Text("book.title"))
	v.s.Line(workbook.RoleNote, 16, w.period()+" · "+w.Text("book.zone", w.Zone))
	v.putVerdict()
	var parts []workbook.Block
	for _, part := range []func(){
		v.putAccounts, v.putRevenue, v.putCompared, v.putBreaks, v.putUnderWay, v.putRestated, v.putCalendar, v.putControl, v.putContents, v.putRun,
	} {
		v.s.Put(summaryGap)
		b := workbook.Block{Row: v.s.Row + 1, Begin: v.s.Points}
		part()
		b.End = v.s.Points
		parts = append(parts, b)
	}
	v.s.KeepTogether(parts, v.widths)
	return w.Err
}

// figureWidth is the width that the widest figure needs: the tables share
// their columns.
func (v *summaryView) figureWidth() float64 {
	width := summaryFigure
	for _, g := range []*catalogue.Grid{v.accounts, v.revenue, v.compared, v.breaks, v.underWay, v.restated, v.control} {
		columns := v.w.Columns(&g.Report.Layout, g.Columns)
		for c := range columns {
			if columns[c].Format != workbook.FormatMoney && columns[c].Format != workbook.FormatCount {
				continue
			}
			columns[c].Widest = 0
			for _, row := range g.Rows {
				v.w.Measure(&columns[c], row[c])
			}
			if g == v.revenue {
				for i := range g.Rows {
					v.w.Measure(&columns[c], v.revenueTotal(g.Str(i, "currency"), columns[c].Name))
				}
			}
			width = max(width, columns[c].ColumnWidth())
		}
	}
	return width
}

// fields names a table's columns on the sheet: heading and report column.
func (v *summaryView) columns(g *catalogue.Grid, names ...string) []workbook.Column {
	all := v.w.Columns(&g.Report.Layout, g.Columns)
	var list []workbook.Column
	for _, name := range names {
		list = append(list, all[result.Index(g.Columns, name)])
	}
	return list
}

// table writes a part's headings.
func (v *summaryView) heads(columns []workbook.Column, width int) {
	cells := make([]any, width)
	for i := range cells {
		cells[i] = v.w.Heading("", workbook.FormatText)
		if i < len(columns) {
			cells[i] = v.w.Heading(columns[i].Heading, columns[i].Format)
		}
	}
	v.s.Put(30, cells...)
}

// figures writes one row of a table; every figure leads to its sheet.
func (v *summaryView) figures(g *catalogue.Grid, i int, columns []workbook.Column, target func(column string) string) []any {
	cells := make([]any, len(columns))
	row := result.RowOf(g.Columns, g.Rows[i])
	for c := range columns {
		column := columns[c]
		column.Role = workbook.RoleBody
		sheet := target(column.Name)
		if sheet != "" {
			column.Role = workbook.RoleLink
		}
		value := row.At(column.Name)
		if column.Name == "account" {
			value = v.w.Account(row.Str("source"), row.Str("account"))
		}
		cell, note := v.w.Cell(&column, value)
		if note != "" {
			v.s.Note(c+1, v.s.Row+1, note)
		}
		cells[c] = cell
	}
	return cells
}

// links leads from the cells of the row just written.
func (v *summaryView) links(columns []workbook.Column, target func(column string) string) {
	for c := range columns {
		if sheet := target(columns[c].Name); sheet != "" {
			v.s.Link(c+1, sheet)
		}
	}
}

func nowhere(string) string { return "" }

// putAccounts: per source and account what was stated, fetched, loaded,
// refused, and how it ended. What is missing is named with its message.
func (v *summaryView) putAccounts() {
	w := v.w
	v.s.Section(w.Text("part.accounts"), summaryWidth)
	columns := v.columns(v.accounts, "source", "account", "state", "stated", "fetched", "loaded", "rejected", "complete_days")
	heads := append(slices.Clip(columns), workbook.Column{Heading: w.Text("summary.message"), Format: workbook.FormatText})
	v.heads(heads, summaryWidth)
	v.s.Span(len(heads), summaryWidth)
	target := func(column string) string {
		switch column {
		case "loaded":
			return w.ordersSheetName()
		case "rejected":
			return w.rejects
		}
		return ""
	}
	for i := range v.accounts.Rows {
		cells := v.figures(v.accounts, i, columns, target)
		state := v.accounts.Str(i, "state")
		cells[2] = excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: stateRole(state), Center: true}), Value: w.Word("state", state)}
		remark := join(v.restsOn(i), w.Labels.Say(w.Language, v.accounts.Str(i, "message")), v.streams(i))
		room := 0.0
		for _, width := range v.widths[len(columns):] {
			room += width
		}
		cells = append(cells, excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleWrap, Format: workbook.FormatText}), Value: remark})
		for len(cells) < summaryWidth {
			cells = append(cells, excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleWrap})})
		}
		v.s.Put(max(18, workbook.WrappedHeight(remark, room)), cells...)
		v.s.Span(len(columns)+1, summaryWidth)
		v.links(columns, target)
	}
}

// join joins the parts that are not empty.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// restsOn says which run an account's state and figures rest on.
func (v *summaryView) restsOn(account int) string {
	at, known := v.accounts.At(account, "started_at").(time.Time)
	if !known {
		return ""
	}
	return v.w.Text("summary.rests_on", at.In(v.w.Zone).Format("2006-01-02 15:04"))
}

// streams are the streams of an account in words, each with what was fetched
// of it and what the vendor stated.
func (v *summaryView) streams(account int) string {
	list := strings.Split(v.accounts.Str(account, "streams"), " · ")
	for i, stream := range list {
		name, figures, _ := strings.Cut(stream, " ")
		list[i] = v.w.Word("stream", name) + " " + figures
	}
	return strings.Join(list, " · ")
}

func stateRole(state string) workbook.Role {
	switch state {
	case "complete":
		return workbook.RoleGood
	case "unreconciled":
		return workbook.RoleWarn
	case "failed":
		return workbook.RoleBad
	}
	return workbook.RoleNone
}

// putRevenue: flow revenue of the range, a total for each currency and never
// across them.
func (v *summaryView) putRevenue() {
	w := v.w
	v.s.Section(w.Text("part.revenue"), summaryWidth)
	v.s.Line(workbook.RoleNote, 15, w.Text("summary.flow_note"))
	if len(v.revenue.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.no_revenue"))
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
	first := v.s.Row + 1
	for i := range v.revenue.Rows {
		v.s.Put(16, v.figures(v.revenue, i, columns, target)...)
		v.links(columns, target)
		currency := v.revenue.Str(i, "currency")
		if i+1 < len(v.revenue.Rows) && v.revenue.Str(i+1, "currency") == currency {
			continue
		}
		v.putRevenueTotal(columns, currency, first, v.s.Row)
		v.links(columns, target)
		first = v.s.Row + 1
	}
}

func (v *summaryView) putRevenueTotal(columns []workbook.Column, currency string, first, last int) {
	cells := make([]any, len(columns))
	cells[0] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text("summary.total", currency)}
	for c := 1; c < len(columns); c++ {
		if columns[c].Format == workbook.FormatText {
			cells[c] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal})}
			continue
		}
		stated, rows := v.statedBy(currency, columns[c].Name)
		area := workbook.CellName(c+1, first) + ":" + workbook.CellName(c+1, last)
		cells[c] = v.w.SumOfKnown(columns[c], workbook.RoleTotal, "COUNT("+area+")=0", "SUM("+area+")",
			v.revenueTotal(currency, columns[c].Name), stated > 0, stated >= rows)
	}
	v.s.Put(18, cells...)
}

// statedBy is how many accounts of a currency state a figure, of how many.
func (v *summaryView) statedBy(currency, column string) (stated, rows int) {
	for i := range v.revenue.Rows {
		if v.revenue.Str(i, "currency") != currency {
			continue
		}
		if rows++; v.revenue.At(i, column) != nil {
			stated++
		}
	}
	return stated, rows
}

// revenueTotal adds a column of one currency.
func (v *summaryView) revenueTotal(currency, column string) duckdb.Decimal {
	var sum duckdb.Decimal
	for i := range v.revenue.Rows {
		if v.revenue.Str(i, "currency") != currency {
			continue
		}
		if d, ok := v.revenue.At(i, column).(duckdb.Decimal); ok {
			sum = result.Plus(sum, d)
		} else {
			sum = result.Plus(sum, result.Whole(v.revenue.Count(i, column)))
		}
	}
	return sum
}
