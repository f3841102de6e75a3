package sheets

import (
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// issueCounts is how many rows the sheet of rejects holds of each kind.
type issueCounts struct{ rejects, findings int64 }

// rejectsSheet lists what the latest run refused and what it doubted.
func (w *reconciliation) rejectsSheet() error {
	report, rows, err := w.q.Open("rejects", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	kind := rows.Index("kind")
	parts, _, err := w.List(workbook.Listing{
		Name:   w.Text("sheet.rejects"),
		Layout: &report.Layout,
		Note:   report.Description.In(w.Language),
		Roles:  map[string]workbook.Role{"reason": workbook.RoleWrap, "raw": workbook.RoleWrap, "landing_ref": workbook.RoleWrap},
		Each: func(_ *workbook.Sheet, values []any) {
			if values[kind] == "reject" {
				w.issues.rejects++
			} else {
				w.issues.findings++
			}
		},
	}, rows)
	if err != nil {
		return err
	}
	w.rejects = parts[0].Sheet
	w.content(content{title: "sheet.rejects", sheet: w.rejects, rows: int(w.issues.rejects + w.issues.findings)})
	return nil
}
