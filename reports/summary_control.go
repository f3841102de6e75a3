package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

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
