package sheets

import (
	"time"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// outstandingSheet lists what is not paid in full, by account and age.
func (w *reconciliation) outstandingSheet() error {
	t := &tally{
		sheet: "sheet.outstanding", detail: "outstanding", control: "outstanding_totals",
		keys:    []string{"source", "account", "currency", "age"},
		scope:   []string{"currency"},
		figures: []string{"net_amount", "paid_amount", "outstanding_amount"},
		chief:   "outstanding_amount",
		note:    w.Text("outstanding.note", w.to.Format(time.DateOnly)),
		lead:    w.leadToOrder("source", "account", "order_id"),
	}
	if err := w.tallySheet(t); err != nil {
		return err
	}
	w.outstanding = workbook.SheetName(w.Text(t.sheet))
	return nil
}
