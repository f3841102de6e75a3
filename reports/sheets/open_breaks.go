package sheets

import (
	"slices"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// severities, the worst first.
var severities = []string{"error", "warning", "info"}

// mostBreaks is how many open breaks the page shows.
const mostBreaks = 8

// openBreaks are the worst of the open breaks that the Breaks sheet lists; among
// equals those that come first there.
type openBreaks struct {
	report  *catalogue.Report
	columns []result.Column
	rows    [][]any
	count   int64 // of all that are open
}

// see looks at a row that has just been written.
func (o *openBreaks) see(w *reconciliation, values []any, s *workbook.Sheet) {
	row := result.RowOf(o.columns, values)
	if row.Str("status") != "open" {
		return
	}
	o.count++
	rank := o.rank(values)
	at := slices.IndexFunc(o.rows, func(other []any) bool { return rank < o.rank(other) })
	if at < 0 {
		at = len(o.rows)
	}
	if at >= mostBreaks {
		return
	}
	o.rows = slices.Insert(o.rows, at, slices.Clone(values))
	o.rows = o.rows[:min(len(o.rows), mostBreaks)]
	w.stands(s, breakRow(row.Str("break_id")), w.Columns(&o.report.Layout, o.columns))
}

func (o *openBreaks) rank(values []any) int {
	return slices.Index(severities, result.RowOf(o.columns, values).Str("severity"))
}

func breakRow(id string) figureRow { return figureRow{report: "breaks", of: id} }

// in gives the same breaks as the report tells them in another language.
func (o *openBreaks) in(w *reconciliation, language string) (rows [][]any, err error) {
	if language == w.Language || len(o.rows) == 0 {
		return o.rows, nil
	}
	_, told, err := w.q.Open("breaks", map[string]string{"language": language})
	if err != nil {
		return nil, err
	}
	defer told.Close()
	id := result.Index(o.columns, "break_id")
	rows = make([][]any, len(o.rows))
	left := len(rows)
	for values, err := range told.All() {
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(o.rows, func(row []any) bool { return row[id] == values[id] })
		if at < 0 {
			continue
		}
		rows[at] = slices.Clone(values)
		if left--; left == 0 {
			break
		}
	}
	return rows, nil
}
