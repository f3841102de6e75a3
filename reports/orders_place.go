package reports

import "time"

// orderPlace names what a row is about: an order, or, without order, all
// orders of an account on a business date.
type orderPlace struct {
	source, account, order string
	date                   string // yyyy-MM-dd
}

// spot is a cell that waits for the place it leads to.
type spot struct {
	s        *sheet
	col, row int
}

// want remembers a cell that leads to an order once the Orders sheet, which is
// the last one, is written.
func (o *ordersPlace) want(to orderPlace, s *sheet, col, row int) {
	if o.wanted == nil {
		o.wanted = map[orderPlace][]spot{}
	}
	o.wanted[to] = append(o.wanted[to], spot{s, col, row})
}

// found links the cells that wait for the order in the row just written, and
// those that wait for the first order of its account and date.
func (o *ordersPlace) found(order orderPlace, date string, here *sheet) {
	for _, key := range [2]orderPlace{order, {source: order.source, account: order.account, date: date}} {
		spots, ok := o.wanted[key]
		if !ok {
			continue
		}
		delete(o.wanted, key)
		for _, at := range spots {
			at.s.lead(at.col, at.row, quoteSheet(here.name)+"!"+cellName(1, here.row))
		}
	}
}

// inOrders says whether orders of a date stand on the Orders sheet.
func (w *workbook) inOrders(date any) (string, bool) {
	t, ok := date.(time.Time)
	if !ok {
		return "", false
	}
	text := t.Format(time.DateOnly)
	return text, text >= w.from.Format(time.DateOnly) && text <= w.to.Format(time.DateOnly)
}
