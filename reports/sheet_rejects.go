package reports

// issueCounts is how many rows the sheet of rejects holds of each kind.
type issueCounts struct{ rejects, findings int64 }

// rejectsSheet lists what the latest run refused and what it doubted.
func (w *workbook) rejectsSheet() error {
	report, rows, err := w.q.open("rejects", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	kind := rows.index("kind")
	parts, _, err := w.list(listing{
		name:   w.text("sheet.rejects"),
		layout: &report.Layout,
		note:   report.Description.In(w.language),
		roles:  map[string]role{"reason": roleWrap, "raw": roleWrap, "landing_ref": roleWrap},
		each: func(_ *sheet, values []any) {
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
	w.rejects = parts[0].sheet
	w.content(content{title: "sheet.rejects", sheet: w.rejects, rows: int(w.issues.rejects + w.issues.findings)})
	return nil
}
