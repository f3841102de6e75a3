package reports

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// putRestated says which months are closed and by how much they have moved
// since.
func (v *summaryView) putRestated() {
	w := v.w
	v.s.section(w.text("part.restated"), summaryWidth)
	if len(v.closes.rows) == 0 {
		v.s.line(roleNote, 18, w.text("summary.no_close"))
		return
	}
	v.s.line(roleNote, 15, w.text("summary.closed", v.closedMonths()))
	if len(v.restated.rows) == 0 {
		v.s.line(roleNote, 18, w.text("summary.no_restated"))
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
	for i := range v.restated.rows {
		v.s.put(16, v.figures(v.restated, i, columns, roleBody, target)...)
		v.links(columns, target)
	}
}

// closedMonths lists the closed months, the last year of them.
func (v *summaryView) closedMonths() string {
	const most = 12
	var months []string
	for i := max(0, len(v.closes.rows)-most); i < len(v.closes.rows); i++ {
		months = append(months, v.closes.str(i, "period"))
	}
	list := strings.Join(months, ", ")
	if len(v.closes.rows) > most {
		list = "… " + list
	}
	return list
}

// putContents lists the sheets with their rows, and whether all their checks
// agree.
func (v *summaryView) putContents() {
	w := v.w
	v.s.section(w.text("part.contents"), summaryWidth)
	v.s.put(18,
		w.heading(w.text("summary.sheet"), formatText), w.heading("", formatText),
		w.heading(w.text("summary.rows"), formatCount), w.heading(w.text("summary.checks"), formatDate),
		w.heading(w.text("summary.holds"), formatText), w.heading("", formatText), w.heading("", formatText),
		w.heading("", formatText), w.heading("", formatText), w.heading("", formatText))
	body := excelize.Cell{StyleID: w.style(styleKey{role: roleBody})}
	for _, c := range w.contents {
		check := body
		if c.checks != "" {
			check = w.agreement(roleBody, fmt.Sprintf(`COUNTIF(%s!%s,"≠")=0`, quoteSheet(c.sheet), c.checks), c.agree)
		}
		v.s.put(16,
			excelize.Cell{StyleID: w.style(styleKey{role: roleLink, format: formatText}), Value: c.sheet}, body,
			excelize.Cell{StyleID: w.style(styleKey{role: roleBody, format: formatCount}), Value: c.rows}, check,
			excelize.Cell{StyleID: w.style(styleKey{role: roleBody, format: formatText}), Value: w.text("holds." + c.title)},
			body, body, body, body, body)
		v.s.span(5, 10)
		v.s.link(1, c.sheet)
	}
}
