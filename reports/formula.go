package reports

import (
	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

// formula is a live cell with the value that it has now, for programs that
// show a workbook without computing it.
func (b *book) formula(c *shown, r role, formula string, value duckdb.Decimal) excelize.Cell {
	column := *c
	column.role = r
	if column.format == formatCount && value.Value == nil {
		value = whole(0)
	}
	cell, _ := b.cell(&column, orZero(value))
	cell.Formula = formula
	return cell
}

// agreement is a live check: a tick while the condition holds.
func (b *book) agreement(r role, condition string, holds bool) excelize.Cell {
	sign := "✓"
	if !holds {
		sign = "≠"
	}
	return excelize.Cell{
		StyleID: b.style(styleKey{role: r, center: true}),
		Formula: `IF(` + condition + `,"✓","≠")`,
		Value:   sign,
	}
}

// flagChecks colours a check that does not agree, whenever it stops agreeing.
func (b *book) flagChecks(s *sheet, col, first, last int) {
	if b.err != nil {
		return
	}
	bad, err := b.file.NewConditionalStyle(&excelize.Style{
		Font: &excelize.Font{Color: badText, Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{badFill}},
	})
	b.check(err)
	b.check(b.file.SetConditionalFormat(s.name, cellName(col, first)+":"+cellName(col, last),
		[]excelize.ConditionalFormatOptions{{Type: "cell", Criteria: "==", Value: `"≠"`, Format: &bad}}))
}
