package starhotel_test

import (
	"fmt"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// Every amount that an order or an accommodation states and that cannot be
// read is empty, as is what follows from it, and a finding with its text and
// its column.
func TestUnreadableAmounts(t *testing.T) {
	in := func(stream, form string) func(testing.TB, string) *extracttest.Night {
		return func(t testing.TB, amount string) *extracttest.Night {
			return decode(t, stream, fmt.Sprintf(form, amount))
		}
	}
	stay := func(columns ...string) map[string][]string { return map[string][]string{"stays": columns} }
	for _, a := range []extracttest.Amount{
		{
			Field: "total_amount", Column: "orders.gross_amount", Null: map[string][]string{"orders": {"gross_amount", "net_amount", "payment_status"}},
			Decode: in("orders", `{"order_id":1,"total_amount":%s,"total_payed_amount":"5.00"}`),
		},
		{
			Field: "total_payed_amount", Column: "orders.paid_amount", Null: map[string][]string{"orders": {"paid_amount", "payment_status"}},
			Decode: in("refresh", `{"order_id":1,"total_amount":"5.00","total_payed_amount":%s}`),
		},
		{
			Field: "accoms[0].amount", Column: "stays.room_amount", Null: stay("room_amount", "consumption_amount"),
			Decode: in("accoms", `{"order_id":1,"accoms":[{"accom_id":26,"total_amount":"5.00","amount":%s}]}`),
		},
		{
			Field: "accoms[0].total_amount", Column: "stays.total_amount", Null: stay("total_amount", "consumption_amount"),
			Decode: in("refresh_accoms", `{"order_id":1,"accoms":[{"accom_id":26,"total_amount":%s,"amount":"5.00"}]}`),
		},
	} {
		t.Run(a.Field, func(t *testing.T) { extracttest.CheckUnreadable(t, a) })
	}
	n := decode(t, "accoms", `{"order_id":1,"accoms":"none"}`)
	if len(n.Findings) != 1 || !n.Findings[0].IsAmount || n.Findings[0].Column != "stays.total_amount" {
		t.Errorf("findings %+v, want one of the stays' amounts", n.Findings)
	}
}
