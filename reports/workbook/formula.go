package workbook

import (
	"maps"
	"slices"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
)

// Formula is a live cell with the value that it has now, for programs that
// show a workbook without computing it.
func (b *Book) Formula(c *Column, r Role, formula string, value duckdb.Decimal) excelize.Cell {
	column := *c
	column.Role = r
	if column.Format == FormatCount && value.Value == nil {
		value = result.Whole(0)
	}
	cell, _ := b.Cell(&column, result.OrZero(value))
	cell.Formula = formula
	return cell
}

// Agreement is a live check: a tick while the condition holds.
func (b *Book) Agreement(r Role, condition string, holds bool) excelize.Cell {
	sign := "✓"
	if !holds {
		sign = "≠"
	}
	return excelize.Cell{
		StyleID: b.Style(StyleKey{Role: r, Center: true}),
		Formula: `IF(` + condition + `,"✓","≠")`,
		Value:   sign,
	}
}

// SumOfKnown is a live sum that is empty while the condition unknown holds, for
// then no row states the figure (known is false), and that is marked where not
// all rows do (whole is false).
func (b *Book) SumOfKnown(column Column, r Role, unknown, sum string, value duckdb.Decimal, known, whole bool) excelize.Cell {
	column.Partial = known && !whole
	cell := b.Formula(&column, r, "IF("+unknown+`,"",`+sum+")", value)
	if !known {
		cell.Value = ""
	}
	return cell
}

// FlagWords colours the cells of a column by the word in them, also where it is
// changed: sorting and filling in keep the colours right.
func (b *Book) FlagWords(s *Sheet, col, first, last int, words map[string]Role) {
	fills := map[Role][2]string{RoleGood: {goodFill, goodText}, RoleWarn: {warnFill, warnText}, RoleBad: {badFill, BadText}, RoleNone: {noneFill, MutedText}}
	var rules []excelize.ConditionalFormatOptions
	for _, word := range slices.Sorted(maps.Keys(words)) {
		if b.Err != nil {
			return
		}
		colours := fills[words[word]]
		style, err := b.file.NewConditionalStyle(&excelize.Style{
			Font: &excelize.Font{Color: colours[1]},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colours[0]}},
		})
		b.Check(err)
		rules = append(rules, excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: `"` + word + `"`, Format: &style})
	}
	b.Check(b.file.SetConditionalFormat(s.Name, CellName(col, first)+":"+CellName(col, last), rules))
}

// FlagChecks colours a check that does not agree, whenever it stops agreeing.
func (b *Book) FlagChecks(s *Sheet, col, first, last int) {
	if b.Err != nil {
		return
	}
	bad, err := b.file.NewConditionalStyle(&excelize.Style{
		Font: &excelize.Font{Color: BadText, Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{badFill}},
	})
	b.Check(err)
	b.Check(b.file.SetConditionalFormat(s.Name, CellName(col, first)+":"+CellName(col, last),
		[]excelize.ConditionalFormatOptions{{Type: "cell", Criteria: "==", Value: `"≠"`, Format: &bad}}))
}
