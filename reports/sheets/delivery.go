package sheets

import (
	"github.com/nightaudit/nightaudit/reports/result"
)

// deliverySheet sets the courier's orders against the shop's waybills. Both
// are costs, seen from two sides: they are compared and never added up.
func (w *reconciliation) deliverySheet() error {
	shop, courier := w.leadToOrder("shop_source", "shop_account", "shop_order_id"), w.leadToOrder("source", "account", "courier_order_id")
	return w.tallySheet(&tally{
		sheet: "sheet.delivery", detail: "delivery", control: "delivery_totals",
		keys:    []string{"match", "source", "account", "currency"},
		scope:   []string{"source", "account", "currency"},
		figures: []string{"courier_orders", "fee_amount", "tip_amount", "deduction_amount", "cost_amount", "freight_amount", "difference"},
		behind:  "difference",
		differs: "difference",
		chief:   "cost_amount",
		note:    w.period() + " · " + w.Text("delivery.note"),
		// The business date is that of the shop's order where there is one.
		lead: func(r *result.Row) (string, orderPlace) {
			if column, to := shop(r); column != "" {
				return column, to
			}
			return courier(r)
		},
	})
}
