package reports

import (
	"fmt"
	"strings"
	"time"

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
	summaryFigure = 12.6 // width of a column of figures
	summaryDay    = 9.5
)

// summaryView is the first sheet being written.
type summaryView struct {
	w                         *workbook
	s                         *sheet
	accounts, revenue, breaks *grid
	ages, calendar, control   *grid
}

// beginSummary takes the first place in the workbook and reads what the sheet
// shows. The rows are written by the function that it gives back, once the
// other sheets are there.
func (w *workbook) beginSummary() (func() error, error) {
	v := &summaryView{w: w}
	for name, into := range map[string]**grid{
		"run_accounts": &v.accounts, "revenue_accounts": &v.revenue, "breaks_severity": &v.breaks,
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
	for i := range calendarDays {
		if i < 10 {
			f.widths = append(f.widths, summaryFigure)
		} else {
			f.widths = append(f.widths, summaryDay)
		}
	}
	v.s = w.sheet(f)
	return v.put, nil
}

func (v *summaryView) put() error {
	w := v.w
	v.s.line(roleTitle, 30, w.text("book.title"))
	v.s.line(roleNote, 16, w.period()+" · "+w.text("book.zone", w.zone))
	v.putVerdict()
	v.s.blank(1)
	v.putAccounts()
	v.s.blank(1)
	v.putRevenue()
	v.s.blank(1)
	v.putBreaks()
	v.s.blank(1)
	v.putCalendar()
	v.s.blank(1)
	v.putControl()
	v.s.blank(1)
	v.putRun()
	return w.err
}

// fields names a table's columns on the sheet: heading and report column.
func (v *summaryView) columns(g *grid, names ...string) []shown {
	all := v.w.shown(g.report, g.columns)
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
		remark := strings.Trim(v.accounts.str(i, "message")+" · "+v.accounts.str(i, "streams"), " ·")
		room := summaryFigure*5 + summaryDay*4
		cells = append(cells, excelize.Cell{StyleID: w.style(styleKey{role: roleWrap, format: formatText}), Value: remark})
		for len(cells) < summaryWidth {
			cells = append(cells, excelize.Cell{StyleID: w.style(styleKey{role: roleWrap})})
		}
		v.s.put(max(18, wrappedHeight(remark, room)), cells...)
		v.s.span(len(columns)+1, summaryWidth)
		v.links(columns, target)
	}
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
	width := pixels(summaryFigure*3) + pixels(summaryDay*4)
	w.ageChart(v.s, cellName(ageChartFrom, start+1), first, v.s.row, width, ageChartRows*21)
	v.s.blank(max(0, start+ageChartRows-v.s.row))
}

// putCalendar: fourteen days, an account a row, a sign and a colour a day.
func (v *summaryView) putCalendar() {
	w := v.w
	v.s.section(w.text("part.calendar"), summaryWidth)
	heads := v.columns(v.calendar, "source", "account")
	cells := []any{w.heading(heads[0].heading, formatText), w.heading(heads[1].heading, formatText)}
	head := w.style(styleKey{role: roleHead, format: formatDay})
	for i := range min(calendarDays, len(v.calendar.rows)) {
		day, _ := v.calendar.at(i, "day").(time.Time)
		serial, _ := excelDay(day)
		cells = append(cells, excelize.Cell{StyleID: head, Value: serial})
	}
	v.s.put(18, cells...)
	for i := 0; i < len(v.calendar.rows); i += calendarDays {
		row := v.figures(v.calendar, i, heads, roleBody, nowhere)
		for d := i; d < i+calendarDays && d < len(v.calendar.rows); d++ {
			state := v.calendar.str(d, "state")
			row = append(row, excelize.Cell{StyleID: w.style(styleKey{role: stateRole(state), center: true}), Value: stateSign(state)})
		}
		v.s.put(16, row...)
	}
	v.s.line(roleNote, 16, w.text("summary.legend"))
}

// stateSign says the same as the colour, for paper without colours.
func stateSign(state string) string {
	switch state {
	case "complete":
		return "✓"
	case "unreconciled":
		return "≠"
	case "failed":
		return "✗"
	}
	return "–"
}

// putControl compares the database's own sums with the live sums of the
// Orders sheet, flow by flow.
func (v *summaryView) putControl() {
	w := v.w
	v.s.section(w.text("part.control"), summaryWidth)
	v.s.line(roleNote, 15, w.text("summary.control_note"))
	if len(v.control.rows) == 0 {
		v.s.line(roleNote, 18, w.text("book.none"))
		return
	}
	names := v.columns(v.control, "flow", "currency")
	figures := v.columns(v.control, "orders", "gross_amount", "net_amount", "paid_amount")
	heads := append([]shown{}, names...)
	for _, f := range figures {
		sheet := f
		sheet.heading = w.text("summary.control_sheet", f.heading)
		heads = append(heads, f, sheet)
	}
	heads = append(heads, shown{heading: w.text("summary.control_check"), format: formatDate})
	v.heads(heads, len(heads))
	for i := range v.control.rows {
		v.putControlRow(i, names, figures)
	}
}

func (v *summaryView) putControlRow(i int, names, figures []shown) {
	w := v.w
	row := v.s.row + 1
	sums := w.orders.sums[flowKey{v.control.str(i, "flow"), v.control.str(i, "currency")}]
	if sums == nil {
		sums = &orderSums{}
	}
	written := []duckdb.Decimal{whole(sums.orders), sums.gross, sums.net, sums.paid}
	cells := v.figures(v.control, i, names, roleBody, nowhere)
	var conditions []string
	agrees := true
	for f := range figures {
		own := figures[f]
		cell, _ := w.cell(&own, v.control.at(i, own.Name))
		d, isDecimal := v.control.at(i, own.Name).(duckdb.Decimal)
		if !isDecimal {
			d = whole(v.control.count(i, own.Name))
		}
		agrees = agrees && same(d, written[f])
		cells = append(cells, cell, w.formula(&own, roleLink, v.ordersFormula(i, row, own.Name), written[f]))
		left := 3 + 2*f
		conditions = append(conditions, fmt.Sprintf("ROUND(%s-%s,4)=0", cellName(left, row), cellName(left+1, row)))
	}
	cells = append(cells, w.agreement(roleBody, "AND("+strings.Join(conditions, ",")+")", agrees))
	v.s.put(16, cells...)
	for f := range figures {
		v.s.link(4+2*f, w.ordersSheetName())
	}
}

// ordersFormula adds up a column of the Orders sheets for the flow and the
// currency beside it.
func (v *summaryView) ordersFormula(i, row int, name string) string {
	w := v.w
	at := func(column string) int {
		for c := range w.orders.columns {
			if w.orders.columns[c].Name == column {
				return c + 1
			}
		}
		return 1
	}
	match := func(column string, col int) string {
		if v.control.str(i, column) == "" {
			return `"="`
		}
		return "$" + cellName(col, row)
	}
	var terms []string
	for _, p := range w.orders.parts {
		area := func(column string) string {
			return quoteSheet(p.sheet) + "!" + areaName(at(column), p.first, at(column), max(p.first, p.last))
		}
		conditions := area("flow") + "," + match("flow", 1) + "," + area("currency") + "," + match("currency", 2) + ")"
		if name == "orders" {
			terms = append(terms, "COUNTIFS("+conditions)
			continue
		}
		terms = append(terms, "SUMIFS("+area(name)+","+conditions)
	}
	return strings.Join(terms, "+")
}

// ordersSheetName is the first of the Orders sheets.
func (w *workbook) ordersSheetName() string {
	if len(w.orders.parts) == 0 {
		return ""
	}
	return w.orders.parts[0].sheet
}

// putRun: what the workbook rests on.
func (v *summaryView) putRun() {
	w := v.w
	v.s.section(w.text("part.run"), summaryWidth)
	columns := v.columns(w.run, "run_id", "started_at", "finished_at", "outcome", "exit_code", "version", "config_sha256", "database_id")
	pair := func(key string, value excelize.Cell, target string) {
		cells := []any{
			excelize.Cell{StyleID: w.style(styleKey{role: roleKey, format: formatText}), Value: key},
			excelize.Cell{StyleID: w.style(styleKey{role: roleKey})},
			value,
		}
		for range 5 {
			cells = append(cells, excelize.Cell{StyleID: value.StyleID})
		}
		v.s.put(16, cells...)
		v.s.span(1, 2)
		v.s.span(3, 8)
		if target != "" {
			v.s.link(3, target)
		}
	}
	text := w.style(styleKey{role: roleBody, format: formatText})
	for _, c := range columns {
		value := w.run.at(0, c.Name)
		t, isTime := value.(time.Time)
		cell, _ := w.cell(&c, value)
		switch {
		case isTime:
			cell = excelize.Cell{Value: t.In(w.zone).Format("2006-01-02 15:04:05 -07:00")}
		case c.Kind != kindText && value != nil:
			plain, _ := c.plain(value)
			cell = excelize.Cell{Value: plain}
		}
		cell.StyleID = text
		pair(c.heading, cell, "")
	}
	pair(w.text("summary.zone"), excelize.Cell{StyleID: text, Value: w.zone.String()}, "")
	link := w.style(styleKey{role: roleLink, format: formatText})
	pair(w.text("summary.rejects"), excelize.Cell{StyleID: link, Value: fmt.Sprint(w.issues.rejects)}, w.rejects)
	pair(w.text("summary.findings"), excelize.Cell{StyleID: link, Value: fmt.Sprint(w.issues.findings)}, w.rejects)
}
