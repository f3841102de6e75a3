package sheets

import (
	"strings"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// breaksSheet lists every break that still holds. Status, owner and comment
// are cells for finance to fill in.
func (w *reconciliation) breaksSheet() error {
	report, rows, err := w.q.Open("breaks", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	w.open = openBreaks{report: report, columns: rows.Columns}
	lead := w.leadToOrder("source", "account", "order_ref")
	parts, columns, err := w.List(workbook.Listing{
		Name:   w.Text("sheet.breaks"),
		Layout: &report.Layout,
		Note:   w.Text("breaks.note"),
		Hidden: w.identity().String(),
		Roles: map[string]workbook.Role{
			"title": workbook.RoleWrap, "order_ref": workbook.RoleWrap, "explanation": workbook.RoleWrap, "status": workbook.RoleInput, "owner": workbook.RoleInput, "comment": workbook.RoleInput, "break_id": workbook.RoleClip,
		},
		Each: func(s *workbook.Sheet, values []any) {
			w.open.see(w, values, s)
			column, to := lead(result.RowOf(rows.Columns, values))
			if column != "" && s.MayLead() {
				w.orders.want(to, s, result.Index(rows.Columns, column)+1, s.Row)
			}
		},
		Finish: w.fillInCells,
	}, rows)
	if err != nil {
		return err
	}
	w.breaks, w.breakParts, w.breakColumns = parts[0].Sheet, parts, columns
	w.content(content{title: "sheet.breaks", sheet: w.breaks, rows: workbook.CountRows(parts)})
	return nil
}

// fillInCells gives the status column its drop-down, and colours severities and
// statuses, also where somebody changes them.
func (w *reconciliation) fillInCells(s *workbook.Sheet, p workbook.Part, columns []workbook.Column) {
	if p.Last < p.First {
		return
	}
	for i := range columns {
		if columns[i].Name == "severity" {
			w.FlagWords(s, i+1, p.First, p.Last, map[string]workbook.Role{
				w.Word("severity", "error"): workbook.RoleBad, w.Word("severity", "warning"): workbook.RoleWarn, w.Word("severity", "info"): workbook.RoleNone,
			})
		}
		if columns[i].Name != "status" {
			continue
		}
		w.FlagWords(s, i+1, p.First, p.Last, map[string]workbook.Role{
			w.Word("break_status", "explained"): workbook.RoleWarn, w.Word("break_status", "accepted"): workbook.RoleGood,
		})
		s.Choices(workbook.CellName(i+1, p.First)+":"+workbook.CellName(i+1, p.Last), w.breakStatuses(), columns[i].Heading, w.Text("breaks.status_hint"))
	}
	name := filled.BreaksTable
	if s.Name != workbook.SheetName(w.Text("sheet.breaks")) {
		name += "_" + strings.Map(digitsOnly, s.Name)
	}
	w.Name(name, s, workbook.AreaName(1, p.First-1, len(columns), p.Last))
}

// breakStatuses are the choices that finance has, in the book's language.
func (w *reconciliation) breakStatuses() []string {
	var list []string
	for _, code := range breakStatuses {
		list = append(list, w.Word("break_status", code))
	}
	return list
}

func digitsOnly(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}
