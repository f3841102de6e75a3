package sheets

import (
	"fmt"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// putCalendar: fourteen days, an account a row, a sign and a colour a day.
func (v *summaryView) putCalendar() {
	w := v.w
	v.s.Section(w.Text("part.calendar"), summaryWidth)
	heads := v.columns(v.calendar, "source", "account")
	cells := []any{w.Heading(heads[0].Heading, workbook.FormatText), w.Heading(heads[1].Heading, workbook.FormatText)}
	head := w.Style(workbook.StyleKey{Role: workbook.RoleHead, Format: workbook.FormatDay})
	for i := range min(calendarDays, len(v.calendar.Rows)) {
		day, _ := v.calendar.At(i, "day").(time.Time)
		serial, _ := workbook.ExcelDay(day)
		cells = append(cells, excelize.Cell{StyleID: head, Value: serial})
	}
	v.s.Put(18, cells...)
	for i := 0; i < len(v.calendar.Rows); i += calendarDays {
		row := v.figures(v.calendar, i, heads, nowhere)
		for d := i; d < i+calendarDays && d < len(v.calendar.Rows); d++ {
			state := v.calendar.Str(d, "state")
			row = append(row, excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: stateRole(state), Center: true}), Value: stateSign(state)})
		}
		v.s.Put(16, row...)
	}
	v.s.Line(workbook.RoleNote, 16, w.Text("summary.legend"))
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
	case "not_over":
		return "…"
	}
	return "–"
}

// putControl compares the database's own sums with the live sums of the
// Orders sheet, flow by flow and standing by standing.
func (v *summaryView) putControl() {
	w := v.w
	v.s.Section(w.Text("part.control"), summaryWidth)
	v.s.Line(workbook.RoleNote, 15, w.Text("summary.control_note"))
	if len(v.control.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("book.none"))
		return
	}
	names := v.columns(v.control, "flow", "standing", "currency")
	figures := v.columns(v.control, "orders", "gross_amount", "net_amount", "paid_amount")
	heads := append([]workbook.Column{}, names...)
	for _, f := range figures {
		sheet := f
		sheet.Heading = w.Text("summary.control_sheet", f.Heading)
		heads = append(heads, f, sheet)
	}
	heads = append(heads, workbook.Column{Heading: w.Text("summary.control_check"), Format: workbook.FormatDate})
	v.heads(heads, len(heads))
	for i := range v.control.Rows {
		v.putControlRow(i, names, figures)
	}
}

func (v *summaryView) putControlRow(i int, names, figures []workbook.Column) {
	w := v.w
	row := v.s.Row + 1
	sums := w.orders.sums[flowKey{v.control.Str(i, "flow"), v.control.Str(i, "standing"), v.control.Str(i, "currency")}]
	if sums == nil {
		sums = &orderSums{}
	}
	written := []duckdb.Decimal{result.Whole(sums.orders), sums.gross, sums.net, sums.paid}
	cells := v.figures(v.control, i, names, nowhere)
	var conditions []string
	agrees := true
	for f := range figures {
		own := figures[f]
		cell, _ := w.Cell(&own, v.control.At(i, own.Name))
		d, isDecimal := v.control.At(i, own.Name).(duckdb.Decimal)
		if !isDecimal {
			d = result.Whole(v.control.Count(i, own.Name))
		}
		agrees = agrees && result.Same(d, written[f])
		cells = append(cells, cell, w.Formula(&own, workbook.RoleLink, v.ordersFormula(i, row, own.Name), written[f]))
		left := len(names) + 1 + 2*f
		conditions = append(conditions, fmt.Sprintf("ROUND(%s-%s,4)=0", workbook.CellName(left, row), workbook.CellName(left+1, row)))
	}
	cells = append(cells, w.Agreement(workbook.RoleBody, "AND("+strings.Join(conditions, ",")+")", agrees))
	v.s.Put(16, cells...)
	for f := range figures {
		v.s.Link(len(names)+2+2*f, w.ordersSheetName())
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
		if v.control.Str(i, column) == "" {
			return `"="`
		}
		return "$" + workbook.CellName(col, row)
	}
	var terms []string
	for _, p := range w.orders.parts {
		area := func(column string) string {
			return workbook.QuoteSheet(p.Sheet) + "!" + workbook.AreaName(at(column), p.First, at(column), max(p.First, p.Last))
		}
		conditions := area("flow") + "," + match("flow", 1) + "," + area("standing") + "," + match("standing", 2) + "," + area("currency") + "," + match("currency", 3) + ")"
		if name == "orders" {
			terms = append(terms, "COUNTIFS("+conditions)
			continue
		}
		terms = append(terms, "SUMIFS("+area(name)+","+conditions)
	}
	return strings.Join(terms, "+")
}

// ordersSheetName is the first of the Orders sheets.
func (w *reconciliation) ordersSheetName() string {
	if len(w.orders.parts) == 0 {
		return ""
	}
	return w.orders.parts[0].Sheet
}

// putRun: what the workbook rests on.
func (v *summaryView) putRun() {
	w := v.w
	v.s.Section(w.Text("part.run"), summaryWidth)
	columns := v.columns(w.run, "run_id", "started_at", "finished_at", "outcome", "exit_code", "version", "config_sha256", "database_id")
	pair := func(key string, value excelize.Cell, target string) {
		cells := []any{
			excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleKey, Format: workbook.FormatText}), Value: key},
			excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleKey})},
			value,
		}
		for range 5 {
			cells = append(cells, excelize.Cell{StyleID: value.StyleID})
		}
		v.s.Put(16, cells...)
		v.s.Span(1, 2)
		v.s.Span(3, 8)
		if target != "" {
			v.s.Link(3, target)
		}
	}
	text := w.Style(workbook.StyleKey{Role: workbook.RoleBody, Format: workbook.FormatText})
	for _, c := range columns {
		value := w.run.At(0, c.Name)
		t, isTime := value.(time.Time)
		cell, _ := w.Cell(&c, value)
		switch {
		case isTime:
			cell = excelize.Cell{Value: t.In(w.Zone).Format("2006-01-02 15:04:05 -07:00")}
		case c.Kind != result.KindText && value != nil:
			plain, _ := c.Plain(value)
			cell = excelize.Cell{Value: plain}
		}
		cell.StyleID = text
		pair(c.Heading, cell, "")
	}
	pair(w.Text("summary.zone"), excelize.Cell{StyleID: text, Value: w.Zone.String()}, "")
	link := w.Style(workbook.StyleKey{Role: workbook.RoleLink, Format: workbook.FormatText})
	pair(w.Text("summary.rejects"), excelize.Cell{StyleID: link, Value: fmt.Sprint(w.issues.rejects)}, w.rejects)
	pair(w.Text("summary.findings"), excelize.Cell{StyleID: link, Value: fmt.Sprint(w.issues.findings)}, w.rejects)
}
