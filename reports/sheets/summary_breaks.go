package sheets

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// breakStatuses are what a break can be while it holds, in the order of the
// summary's columns.
var breakStatuses = []string{"open", "explained", "accepted"}

// breakKeys are the columns by which the summary counts breaks: what is of
// different flows or currencies is never added up.
var breakKeys = []string{"section", "severity", "flow", "currency"}

// putBreaks: by section, severity, flow and currency how many are open,
// explained and accepted, and their differences, by age beside it as a chart.
// All are live: a status that is changed in the Breaks sheet moves them at once.
func (v *summaryView) putBreaks() {
	w := v.w
	v.s.Section(w.Text("part.breaks"), summaryWidth)
	v.s.Line(workbook.RoleNote, 15, w.Text("summary.break_note"))
	if len(v.breaks.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.no_breaks"))
		return
	}
	names := append([]string{}, breakKeys...)
	for _, status := range breakStatuses {
		names = append(names, status+"_breaks", status+"_difference")
	}
	columns := v.columns(v.breaks, names...)
	v.heads(columns, len(columns))
	first := v.s.Row + 1
	for i := range v.breaks.Rows {
		v.putBreakRow(i, columns)
	}
	v.putBreakTotal(columns, first, v.s.Row)
	v.s.Blank(1)
	v.putAges()
}

func (v *summaryView) putBreakRow(i int, columns []workbook.Column) {
	w, row := v.w, v.s.Row+1
	cells := v.figures(v.breaks, i, columns[:len(breakKeys)], nowhere)
	var conditions []string
	for c, name := range breakKeys {
		// "=" matches the cells that have none.
		match := `"="`
		if v.breaks.Str(i, name) != "" {
			match = "$" + workbook.CellName(c+1, row)
		}
		conditions = append(conditions, name, match)
	}
	for c := len(breakKeys); c < len(columns); c++ {
		status, figure, _ := strings.Cut(columns[c].Name, "_")
		of := append([]string{"status", `"` + w.Word("break_status", status) + `"`}, conditions...)
		count := w.breakFormula("", of...)
		if figure == "breaks" {
			cells = append(cells, w.Formula(&columns[c], workbook.RoleLink, count, result.Whole(v.breaks.Count(i, columns[c].Name))))
			continue
		}
		stated := w.breakFormula("", append([]string{"difference", `">-1E+300"`}, of...)...)
		cells = append(cells, w.SumOfKnown(columns[c], workbook.RoleLink, stated+"=0", w.breakFormula("difference", of...),
			v.breaks.Amount(i, columns[c].Name), v.breaks.At(i, columns[c].Name) != nil, true))
	}
	v.s.Put(16, cells...)
	for c := len(breakKeys); c < len(columns); c++ {
		v.s.Link(c+1, w.breaks)
	}
}

// putBreakTotal adds up the numbers of breaks. Their differences are of several
// flows and currencies and have no total.
func (v *summaryView) putBreakTotal(columns []workbook.Column, first, last int) {
	cells := make([]any, len(columns))
	for c := range cells {
		cells[c] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal})}
		if columns[c].Format != workbook.FormatCount {
			continue
		}
		var n int64
		for i := range v.breaks.Rows {
			n += v.breaks.Count(i, columns[c].Name)
		}
		cells[c] = v.w.Formula(&columns[c], workbook.RoleTotal, "SUM("+workbook.CellName(c+1, first)+":"+workbook.CellName(c+1, last)+")", result.Whole(n))
	}
	cells[0] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text("summary.break_total")}
	v.s.Put(18, cells...)
	v.w.stands(v.s, figureRow{report: "breaks_severity", total: true}, columns)
}

// putAges counts what is open or explained by age, with a chart beside it.
func (v *summaryView) putAges() {
	w := v.w
	start := v.s.Row
	columns := v.columns(v.ages, append([]string{"age"}, severities...)...)
	v.heads(columns, len(columns))
	first := v.s.Row + 1
	for i := range v.ages.Rows {
		cells := v.figures(v.ages, i, columns[:1], nowhere)
		for c, severity := range severities {
			formula := w.ageFormula(severity, v.ages.At(i, "first_day"), v.ages.At(i, "last_day"))
			cells = append(cells, w.Formula(&columns[c+1], workbook.RoleLink, formula, result.Whole(v.ages.Count(i, severity))))
		}
		v.s.Put(16, cells...)
		w.stands(v.s, figureRow{report: "breaks_age", row: i}, columns)
	}
	width := uint(0)
	for _, w := range v.widths[ageChartFrom-1 : summaryWidth] {
		width += workbook.Pixels(w)
	}
	w.ageChart(v.s, workbook.CellName(ageChartFrom, start+1), first, v.s.Row, width, ageChartRows*21)
	v.s.Blank(max(0, start+ageChartRows-v.s.Row))
}

// ageFormula counts the breaks of a severity that are not accepted and whose
// age is in a span of days; either end may be open (nil), and both
// are for breaks without a date.
func (w *reconciliation) ageFormula(severity string, first, last any) string {
	of := []string{"severity", `"` + w.Word("severity", severity) + `"`, "status", `"<>` + w.Word("break_status", "accepted") + `"`}
	if first == nil && last == nil { // without a date
		of = append(of, "age_days", `"="`)
	}
	if first != nil {
		of = append(of, "age_days", fmt.Sprintf(`">=%v"`, first))
	}
	if last != nil {
		of = append(of, "age_days", fmt.Sprintf(`"<=%v"`, last))
	}
	return w.breakFormula("", of...)
}

// breakFormula adds up a column of the Breaks sheets, or counts their rows
// where it names none: those that meet all conditions, each a column and a
// criterion.
func (w *reconciliation) breakFormula(sum string, conditions ...string) string {
	var terms []string
	for _, p := range w.breakParts {
		if p.Last < p.First {
			continue
		}
		area := func(column string) string {
			for c := range w.breakColumns {
				if w.breakColumns[c].Name == column {
					return workbook.QuoteSheet(p.Sheet) + "!" + workbook.AreaName(c+1, p.First, c+1, p.Last)
				}
			}
			w.Check(fmt.Errorf("the report breaks has no column %s", column))
			return ""
		}
		var list []string
		function := "COUNTIFS("
		if sum != "" {
			function = "SUMIFS("
			list = append(list, area(sum))
		}
		for i := 0; i < len(conditions); i += 2 {
			list = append(list, area(conditions[i]), conditions[i+1])
		}
		terms = append(terms, function+strings.Join(list, ",")+")")
	}
	if len(terms) == 0 {
		return "0"
	}
	return strings.Join(terms, "+")
}
