package soms

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/transform"
)

func FuzzDecode(f *testing.F) {
	extracttest.FuzzDecode(f, extracttest.Fuzzing{
		Driver: Driver(), Config: accountYAML("https://soms.example"),
		Reckoned: map[string][]string{
			transform.TableOrders:    {"discount_amount", "paid_amount"},
			transform.TableDiscounts: {"merchant_amount", "platform_amount", "agent_amount"},
		},
		Seeds: map[string][]string{
			"refunded": {`{"page":0,"total":2,"orders":[{"id":"R1","state":"delivered","modified":"2024-04-10 16:00:00"},{"id":"R2"}]}`},
			"traces": {
				`{"success":true,"order_id":"A","traces":[{"time":"2024-04-10 16:00:00","status":"在途"},{"time":""},7]}`,
				`{"success":true,"details":[{"time":"2024-04-10 16:00:00","status":"签收"}],"state":"delivered"}`,
			},
			"orders": {
				// What the document's examples lack: an order without items, one in
				// several parcels, discounts that several bear, empty lists as texts.
				`{"total":3,"orders":[{"id":"A","modified":"2024-04-10 16:00:00"},
				{"id":"B","items":[],"delivery":{"carrier":{"state":"pickup"},"waybills":[{"waybill_id":"w","freight":1.11},{"freight":2},{"waybill_id":"w"}]},"settle_info":{"discounts":"[{}]"}},
				{"id":"C","items":[{"total":3.30,"discount_amount":"0.10","promotion":{"favs":[{"id":"p","amount":3,"settle_details":[{"role":"shop","discount":1},{"role":"shop","discount":2},{"role":"platform","discount":-0.5}]}]}}],
				"payment":{"amount":1e2,"details":[{"amount":0.1},{"amount":"0.20"}]},"selttle_commission":1,"settle_amount":""}]}`,
			},
		},
	})
}
