package soms

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// conformanceVendor holds n orders, changed a minute apart, all before the
// night's bound.
func conformanceVendor(n int, o sim.Options) *extracttest.Vendor {
	order := func(i int) sim.Order {
		o := plainOrder(fmt.Sprintf("R%05d", i))
		// Late arrivals are strewn among the others.
		at := sim.LocalTime(until.Add(-48*time.Hour + time.Duration(i*7919%5000)*30*time.Second))
		o.Created, o.Modified, o.Front.Created = at, at, at
		return o
	}
	for i := range n {
		o.Orders = append(o.Orders, order(i))
	}
	o.Username, o.Password, o.Now = "nightaudit", "secret", func() time.Time { return until }
	v := sim.New(o)
	return &extracttest.Vendor{
		Handler: v,
		Depart:  v.Depart,
		Config:  "tenant_id: \"8560\"\nauth: {kind: basic, username: nightaudit, password: secret}\n",
		Plan:    extract.Plan{Until: until},
		Now:     func() time.Time { return until },
		ID:      func(i int) string { return order(i).ID },
		Put:     func(i int) { v.Put(order(i)) },
		Touch: func(i int) bool {
			o := order(i)
			o.Modified = sim.LocalTime(until)
			v.Put(o)
			return false
		},
		Delete: func(i int) { v.Delete(order(i).ID) },
		IsRead: func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, pathQuery) || strings.HasSuffix(r.URL.Path, pathReminds)
		},
	}
}

// The other two lists of the vendor are read to their end by the same rules.
func TestListsOfRefundedOrdersAndReminders(t *testing.T) {
	extracttest.Lists(t, extracttest.Subject{
		Driver: Driver(),
		Lists:  []string{streamRefunded, streamReminders},
		New: func(_ testing.TB, n int) *extracttest.Vendor {
			var reminds []sim.Remind
			for i := range n {
				id := fmt.Sprintf("R%05d", i)
				reminds = append(reminds, sim.Remind{RemindID: id, OrderID: id, Created: sim.LocalTime(until), Time: sim.LocalTime(until)})
			}
			v := conformanceVendor(n, sim.Options{Reminds: reminds})
			for i := range n {
				o := plainOrder(v.ID(i))
				o.RefundState = "refunded"
				v.Handler.(*sim.Vendor).Put(o)
			}
			return v
		},
	})
}

func TestConformance(t *testing.T) {
	extracttest.Conformance(t, extracttest.Subject{
		Driver:      Driver(),
		New:         func(_ testing.TB, n int) *extracttest.Vendor { return conformanceVendor(n, sim.Options{}) },
		WrongShape:  `{"orders":{"id":"R00001"},"reminds":"none","total":1}`,
		UnknownCode: `{"success":false,"code":"E4711","message":""}`,
		Lists:       []string{streamOrders},
		// 9 totals of flags and 36 of their pairs, and 2 of the windows to plan;
		// 20 pages and the proof that none has entered, 1 page without refunded
		// orders, 1 without reminders.
		Requests: 9 + 36 + 2 + 20 + 1 + 1 + 1,
		One: func(testing.TB) extracttest.One {
			v := conformanceVendor(12, sim.Options{HideItems: true})
			return extracttest.One{
				Vendor: v,
				Order:  v.ID(5),
				Of: func(r *http.Request, body string) bool {
					return strings.HasSuffix(r.URL.Path, pathOrders) && strings.Contains(body, v.ID(5))
				},
				Reads: 5, // of all 12, 0 to 5, 3 to 5, 4 and 5, 5
			}
		},
	})
}
