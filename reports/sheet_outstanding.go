package reports

import "time"

// outstandingSheet lists what is not paid in full, by account and age.
func (w *workbook) outstandingSheet() error {
	t := &tally{
		sheet: "sheet.outstanding", detail: "outstanding", control: "outstanding_totals",
		keys:    []string{"source", "account", "currency", "age"},
		scope:   []string{"currency"},
		figures: []string{"net_amount", "paid_amount", "outstanding_amount"},
		chief:   "outstanding_amount",
		note:    w.text("outstanding.note", w.to.Format(time.DateOnly)),
		lead:    w.leadToOrder("source", "account", "order_id"),
	}
	if err := w.tallySheet(t); err != nil {
		return err
	}
	w.outstanding = sheetName(w.text(t.sheet))
	return nil
}
