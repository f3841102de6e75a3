package sheets

import (
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// putRestated says which months are closed and by how much they have moved
// since.
func (v *summaryView) putRestated() {
	w := v.w
	v.s.Section(w.Text("part.restated"), summaryWidth)
	if len(v.closes.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.no_close"))
		return
	}
	if closed := v.closedMonths(); closed != "" {
		v.s.Line(workbook.RoleNote, 15, w.Text("summary.closed", closed))
	} else {
		v.s.Line(workbook.RoleNote, 15, w.Text("summary.no_close"))
	}
	v.putReopened()
	if len(v.restated.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.no_restated"))
		return
	}
	columns := v.columns(v.restated, "source", "account", "period", "flow", "currency", "orders_effect", "net_amount_closed", "net_amount_effect", "net_amount_now", "paid_amount_effect")
	v.heads(columns, len(columns))
	target := func(column string) string {
		switch column {
		case "source", "account", "period", "flow", "currency":
			return ""
		}
		return w.restatements
	}
	for i := range v.restated.Rows {
		v.s.Put(16, v.figures(v.restated, i, columns, target)...)
		v.links(columns, target)
	}
}

// putReopened says of each close that no longer stands who opened the month
// again, when and why.
func (v *summaryView) putReopened() {
	w := v.w
	for i := range v.closes.Rows {
		at, reopened := v.closes.At(i, "reopened_at").(time.Time)
		if !reopened {
			continue
		}
		closed, _ := v.closes.At(i, "closed_at").(time.Time)
		const clock = "2006-01-02 15:04"
		text := w.Text("summary.reopened", v.closes.Str(i, "period"), closed.In(w.Zone).Format(clock), v.closes.Str(i, "closed_by"),
			at.In(w.Zone).Format(clock), v.closes.Str(i, "reopened_by"), v.closes.Str(i, "reopen_reason"))
		room := 0.0
		for _, width := range v.widths {
			room += width
		}
		style := w.Style(workbook.StyleKey{Role: workbook.RoleWrap, Format: workbook.FormatText})
		v.s.Put(max(18, workbook.WrappedHeight(text, room)), excelize.Cell{StyleID: style, Value: text})
		v.s.Span(1, summaryWidth)
	}
}

// closedMonths lists the months that are closed now, the last year of them.
func (v *summaryView) closedMonths() string {
	const most = 12
	var months []string
	for i := range v.closes.Rows {
		if v.closes.At(i, "reopened_at") == nil {
			months = append(months, v.closes.Str(i, "period"))
		}
	}
	if n := len(months); n > most {
		return "… " + strings.Join(months[n-most:], ", ")
	}
	return strings.Join(months, ", ")
}

// putContents lists the sheets with their rows, and whether all their checks
// agree.
func (v *summaryView) putContents() {
	w := v.w
	v.s.Section(w.Text("part.contents"), summaryWidth)
	v.s.Put(18,
		w.Heading(w.Text("summary.sheet"), workbook.FormatText), w.Heading("", workbook.FormatText),
		w.Heading(w.Text("summary.rows"), workbook.FormatCount), w.Heading(w.Text("summary.checks"), workbook.FormatDate),
		w.Heading(w.Text("summary.holds"), workbook.FormatText), w.Heading("", workbook.FormatText), w.Heading("", workbook.FormatText),
		w.Heading("", workbook.FormatText), w.Heading("", workbook.FormatText), w.Heading("", workbook.FormatText))
	body := excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleBody})}
	for _, c := range w.contents {
		check := body
		if c.checks != "" {
			check = w.Agreement(workbook.RoleBody, fmt.Sprintf(`COUNTIF(%s!%s,"≠")=0`, workbook.QuoteSheet(c.sheet), c.checks), c.agree)
		}
		v.s.Put(16,
			excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleLink, Format: workbook.FormatText}), Value: c.sheet}, body,
			excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleBody, Format: workbook.FormatCount}), Value: c.rows}, check,
			excelize.Cell{StyleID: w.Style(workbook.StyleKey{Role: workbook.RoleBody, Format: workbook.FormatText}), Value: w.Text("holds." + c.title)},
			body, body, body, body, body)
		v.s.Span(5, 10)
		v.s.Link(1, c.sheet)
	}
}
