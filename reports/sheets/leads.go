package sheets

import (
	"time"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// orderPlace names what a row is about: an order, or, without order, all
// orders of an account on a business date.
type orderPlace struct {
	source, account, order string
	date                   string // yyyy-MM-dd
}

// spot is a cell that waits for the place it leads to.
type spot struct {
	s        *workbook.Sheet
	col, row int
}

// want remembers a cell that leads to an order once the Orders sheet, which is
// the last one, is written.
func (o *ordersPlace) want(to orderPlace, s *workbook.Sheet, col, row int) {
	if o.wanted == nil {
		o.wanted = map[orderPlace][]spot{}
	}
	o.wanted[to] = append(o.wanted[to], spot{s, col, row})
}

// found links the cells that wait for the order in the row just written, and
// those that wait for the first order of its account and date.
func (o *ordersPlace) found(order orderPlace, date string, here *workbook.Sheet) {
	for _, key := range [2]orderPlace{order, {source: order.source, account: order.account, date: date}} {
		spots, ok := o.wanted[key]
		if !ok {
			continue
		}
		delete(o.wanted, key)
		for _, at := range spots {
			at.s.Lead(at.col, at.row, workbook.QuoteSheet(here.Name)+"!"+workbook.CellName(1, here.Row))
		}
	}
}

// inOrders says whether orders of a date stand on the Orders sheet.
func (w *reconciliation) inOrders(date any) (string, bool) {
	t, ok := date.(time.Time)
	if !ok {
		return "", false
	}
	text := t.Format(time.DateOnly)
	return text, text >= w.from.Format(time.DateOnly) && text <= w.to.Format(time.DateOnly)
}
