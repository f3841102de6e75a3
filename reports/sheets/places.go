package sheets

import (
	"slices"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// figureRow names a row of a report: by its place in the result, or, of a total, by
// its currency, or, of a break, by its id.
type figureRow struct {
	report string
	row    int
	total  bool
	of     string
}

// rowPlace is where such a row stands in the workbook.
type rowPlace struct {
	sheet   string
	row     int
	columns []workbook.Column
}

// stands remembers that the row just written is that row of a report: the page
// leads each of its figures to its cell.
func (w *reconciliation) stands(s *workbook.Sheet, of figureRow, columns []workbook.Column) {
	if w.places == nil {
		w.places = map[figureRow]rowPlace{}
	}
	w.places[of] = rowPlace{s.Name, s.Row, columns}
}

// cellOf is the cell in which the workbook shows a figure, as Summary!D26; ""
// where it shows none.
func (w *reconciliation) cellOf(of figureRow, column string) string {
	p, ok := w.places[of]
	at := slices.IndexFunc(p.columns, func(c workbook.Column) bool { return c.Name == column })
	if !ok || at < 0 {
		return ""
	}
	return p.sheet + "!" + workbook.CellName(at+1, p.row)
}
