package sheets

// roomsSheet sets what guests ordered to their rooms against what the PMS
// billed, and the stays of the PMS against those of the access system.
func (w *reconciliation) roomsSheet() error {
	return w.tallySheet(&tally{
		sheet: "sheet.rooms", detail: "rooms", control: "rooms_totals",
		keys:    []string{"place", "match", "compared", "currency"},
		scope:   []string{"place", "currency"},
		figures: []string{"stays", "keys", "room_orders", "ordered_amount", "consumption_amount", "difference"},
		behind:  "difference",
		differs: "difference",
		chief:   "consumption_amount",
		note:    w.period() + " · " + w.Text("rooms.note"),
		lead:    w.leadToOrder("source", "account", "order_id"),
	})
}
