package sheets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// knownCount says how many of the rows behind a sum state each figure. A sum of
// which nothing is known is empty, never 0.00; one of which not all is known is
// marked, and a remark beside the table says how many rows are.
type knownCount struct {
	rows  int
	known []int // by figure
}

// knownOf adds up what is known of several sums.
func knownOf(groups []*tallyGroup) knownCount {
	var k knownCount
	for _, g := range groups {
		k.rows += g.rows
		if k.known == nil {
			k.known = make([]int, len(g.known))
		}
		for f, n := range g.known {
			k.known[f] += n
		}
	}
	return k
}

// isCount says whether a figure counts, so that a row without it adds nothing.
func (v *tallyView) isCount(figure int) bool {
	return v.raw[v.figures[figure]].Kind == result.KindInteger
}

// figureCell is a live sum that is empty while none of its rows states the
// figure; count is the formula of how many do.
func (v *tallyView) figureCell(figure int, r workbook.Role, sum, count string, value duckdb.Decimal, k knownCount) excelize.Cell {
	column := v.columns[v.on(v.figures[figure])-1]
	if v.isCount(figure) || v.complete(figure) {
		return v.w.Formula(&column, r, sum, value)
	}
	return v.w.SumOfKnown(column, r, count+"=0", sum, value, k.known[figure] > 0, k.known[figure] >= k.rows)
}

// complete says whether every row of the sheet states a figure.
func (v *tallyView) complete(figure int) bool {
	k := knownOf(v.groups)
	return k.rows > 0 && k.known[figure] == k.rows
}

// stated is the live number of rows that bear a sum's number and state a
// figure.
func (v *tallyView) stated(figureColumn, row int) string {
	return v.over(func(sheet string, p workbook.Part) string {
		return fmt.Sprintf(`COUNTIFS(%s%s,$A%d,%s%s,">-1E+300")`,
			sheet, workbook.AreaName(1, p.First, 1, p.Last), row, sheet, workbook.AreaName(figureColumn, p.First, figureColumn, p.Last))
	})
}

// withRemark puts behind the check how many rows state the figures that not all
// of them do.
func (v *tallyView) withRemark(cells []any, k knownCount) []any {
	var list []string
	for f, c := range v.figures {
		if v.isCount(f) || k.known[f] == k.rows || k.known[f] == 0 {
			continue
		}
		list = append(list, v.w.Text("tally.known", v.columns[v.on(c)-1].Heading, k.known[f], k.rows))
	}
	at := max(v.databaseColumn(), v.on(slices.Max(v.figures)), v.on(slices.Max(v.keys))) // behind all that the sums fill
	if len(list) == 0 || at >= len(cells) {
		return cells
	}
	cells[at] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleNote}), Value: "* " + strings.Join(list, v.w.Text("tally.and"))}
	return cells
}

// named are the keys of a sum by their place among the columns of the rows,
// with names in place of codes.
func (v *tallyView) named(g *tallyGroup) []any {
	values := make([]any, len(v.raw))
	for i, c := range v.keys {
		values[c] = g.values[i]
	}
	columns := make([]workbook.Column, len(v.raw))
	for i := range v.raw {
		columns[i] = v.columns[v.on(i)-1]
	}
	return v.w.Named(columns, values)
}

// putShown writes the sums of the rows that the filter leaves. Amounts of
// several currencies or flows are never added up.
func (v *tallyView) putShown() {
	cells := v.empty(workbook.RoleTotal)
	p := v.parts[0]
	label := "revenue.shown"
	if len(v.parts) > 1 {
		label = "tally.shown_part"
	}
	for f, c := range v.figures {
		groups := v.groups
		if len(v.parts) > 1 {
			groups = nil // what the first part holds is known to its formula
		}
		switch {
		case p.Last < p.First:
		case !v.isCount(f) && v.mixed(f):
			label = "tally.shown_mixed"
		default:
			column := v.columns[v.on(c)-1]
			area := workbook.AreaName(v.on(c), p.First, v.on(c), p.Last)
			k := knownOf(v.groups)
			unknown, isUnknown := "SUBTOTAL(2,"+area+")=0", k.known[f] == 0
			if v.t.figures[f] == v.t.differs { // of what is compared, or of nothing
				unknown, isUnknown = "SUBTOTAL(2,"+area+")<SUBTOTAL(2,"+workbook.AreaName(1, p.First, 1, p.Last)+")", k.known[f] < k.rows
			}
			cells[v.on(c)-1] = v.w.SumOfKnown(column, workbook.RoleTotal, unknown, "SUBTOTAL(9,"+area+")", scopeSum(groups, f), !isUnknown, true)
		}
	}
	cells[1] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: v.w.Text(label)}
	v.s.Put(18, cells...)
}

// mixed says whether a figure is stated in several currencies or flows.
func (v *tallyView) mixed(figure int) bool {
	seen := map[string]bool{}
	for _, g := range v.groups {
		if g.known[figure] == 0 {
			continue
		}
		unit := ""
		for i, name := range v.t.keys {
			if name == "currency" || name == "flow" {
				text, _ := v.raw[v.keys[i]].Plain(g.values[i])
				unit += text + "\x00"
			}
		}
		seen[unit] = true
	}
	return len(seen) > 1
}
