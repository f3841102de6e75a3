package reports

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// breaksSheet lists every break that still holds. Status, owner and comment
// are cells for finance to fill in.
func (w *workbook) breaksSheet() error {
	report, rows, err := w.q.open("breaks", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	lead := w.leadToOrder("source", "account", "order_ref")
	parts, _, err := w.list(listing{
		name:   w.text("sheet.breaks"),
		layout: &report.Layout,
		note:   w.text("breaks.note"),
		roles: map[string]role{
			"title": roleWrap, "order_ref": roleWrap, "explanation": roleWrap, "status": roleInput, "owner": roleInput, "comment": roleInput, "break_id": roleClip,
		},
		each: func(s *sheet, values []any) {
			column, to := lead(newRow(rows.columns, values))
			if column != "" && s.mayLead() {
				w.orders.want(to, s, columnIndex(rows.columns, column)+1, s.row)
			}
		},
		finish: w.fillInCells,
	}, rows)
	if err != nil {
		return err
	}
	w.breaks = parts[0].sheet
	written := 0
	for _, p := range parts {
		written += p.last - p.first + 1
	}
	w.content(content{title: "sheet.breaks", sheet: w.breaks, rows: written})
	return nil
}

// fillInCells gives the status column its drop-down.
func (w *workbook) fillInCells(s *sheet, p part, columns []shown) {
	if p.last < p.first {
		return
	}
	for i := range columns {
		if columns[i].Name != "status" {
			continue
		}
		choices := &excelize.DataValidation{
			AllowBlank: true, ShowErrorMessage: true, ShowInputMessage: true,
			Sqref: cellName(i+1, p.first) + ":" + cellName(i+1, p.last),
		}
		w.check(choices.SetDropList(w.breakStatuses()))
		choices.SetError(excelize.DataValidationErrorStyleStop, columns[i].heading, w.text("breaks.status_hint"))
		w.check(w.file.AddDataValidation(s.name, choices))
	}
	name := BreaksTable
	if s.name != sheetName(w.text("sheet.breaks")) {
		name += "_" + strings.Map(digitsOnly, s.name)
	}
	w.check(w.file.SetDefinedName(&excelize.DefinedName{
		Name: name, RefersTo: quoteSheet(s.name) + "!" + areaName(1, p.first-1, len(columns), p.last),
	}))
}

// breakStatuses are the choices that finance has, in the book's language.
func (w *workbook) breakStatuses() []string {
	var list []string
	for _, code := range []string{"open", "explained", "accepted"} {
		list = append(list, w.word("break_status", code))
	}
	return list
}

func digitsOnly(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}
