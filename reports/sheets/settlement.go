package sheets

import (
	"github.com/nightaudit/nightaudit/reports/result"
)

// settlementSheet shows what the platforms settle, by platform and store.
func (w *reconciliation) settlementSheet() error {
	return w.tallySheet(&tally{
		sheet: "sheet.settlement", detail: "settlement", control: "settlement_totals",
		keys:  []string{"source", "account", "channel", "store", "currency"},
		scope: []string{"currency"},
		figures: []string{
			"orders", "customer_amount", "platform_amount", "merchant_amount", "commission_amount", "freight_amount",
			"settle_amount", "compared_amount", "expected_amount", "difference", "compared_orders",
		},
		behind: "difference",
		chief:  "settle_amount",
		note:   w.period() + " · " + w.Text("settlement.note"),
		lead:   w.leadToDay("orders"),
	})
}

// leadToDay leads from a column of figures to the orders of the row's account
// on its business date.
func (w *reconciliation) leadToDay(column string) func(*result.Row) (string, orderPlace) {
	return func(r *result.Row) (string, orderPlace) {
		date, ok := w.inOrders(r.At("business_date"))
		if !ok {
			return "", orderPlace{}
		}
		return column, orderPlace{source: r.Str("source"), account: r.Str("account"), date: date}
	}
}

// leadToOrder leads from the id of an order to its row, where it is an order
// of the workbook's range.
func (w *reconciliation) leadToOrder(source, account, order string) func(*result.Row) (string, orderPlace) {
	return func(r *result.Row) (string, orderPlace) {
		if _, ok := w.inOrders(r.At("business_date")); !ok || r.Str(order) == "" {
			return "", orderPlace{}
		}
		return order, orderPlace{source: r.Str(source), account: r.Str(account), order: r.Str(order)}
	}
}
