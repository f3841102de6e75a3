package tuya

import (
	"fmt"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// Every amount that an order states and that cannot be read is empty, and a
// finding with its text and its column.
func TestUnreadableAmounts(t *testing.T) {
	in := func(stream, form string) func(testing.TB, string) *extracttest.Night {
		return func(t testing.TB, amount string) *extracttest.Night {
			order := `{"order_id":"O","order_biz_type":"MATERIAL","order_status":"created",` + fmt.Sprintf(form, amount) + `}`
			if stream == "detail" {
				return decode(t.(*testing.T), stream, "O", detail(order))
			}
			return decode(t.(*testing.T), stream, "", list(1, order))
		}
	}
	for _, stream := range []string{"orders", "detail"} {
		for _, a := range []extracttest.Amount{
			{Field: "order_amount", Column: "orders.gross_amount", Null: map[string][]string{"orders": {"gross_amount", "net_amount"}}, Decode: in(stream, `"order_amount":%s`)},
			{
				Field: "commodity_list[1].order_amount", Column: "order_items.total_amount #2", Null: map[string][]string{"order_items": {"total_amount"}},
				Decode: in(stream, `"commodity_list":[{"id":"1"},{"id":"2","order_amount":%s}]`),
			},
		} {
			t.Run(stream+" "+a.Field, func(t *testing.T) { extracttest.CheckUnreadable(t, a) })
		}
	}
}

// A currency that is stated and cannot be read is not the account's.
func TestUnreadableCurrency(t *testing.T) {
	for stated, want := range map[string]string{`null`: "CNY", `""`: "CNY", `"HKD"`: "HKD", `true`: "", `{"code":"HKD"}`: ""} {
		n := decode(t, "detail", "O", detail(`{"order_id":"O","order_biz_type":"MATERIAL","order_amount":1,"commodity_list":[{"order_amount":1}],"currency":`+stated+`}`))
		if order, item := n.Row(t, "orders", extracttest.Row{})["currency"], n.Row(t, "order_items", extracttest.Row{})["currency"]; order != want || item != want {
			t.Errorf("currency %s: order %q, line %q, want %q", stated, order, item, want)
		}
	}
}
