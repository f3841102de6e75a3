package akubela

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestConformance(t *testing.T) {
	id := func(i int) string { return fmt.Sprintf("orx%06d", i) }
	vendor := func(v *sim.Vendor) *extracttest.Vendor {
		return &extracttest.Vendor{
			Handler: v,
			Depart:  v.Depart,
			Config:  "auth: " + clientAuth,
			Plan:    extract.Plan{Until: time.Date(2025, 8, 7, 2, 0, 0, 0, time.UTC)},
			ID:      id,
			Put:     func(i int) { v.Put(order(id(i))) },
			Touch: func(i int) bool { // it moves to the front
				changed := order(id(i))
				changed.OrderState = "checked_out"
				v.Delete(id(i))
				v.Put(changed)
				return true
			},
			Delete: func(i int) { v.Delete(id(i)) },
			Expire: v.ExpireTokens,
			IsRead: func(r *http.Request) bool { return r.URL.Path == commandsPath },
		}
	}
	extracttest.Conformance(t, extracttest.Subject{
		Driver: Driver(),
		Lists:  []string{"orders"},
		// A log-in; 20 pages and the empty one that ends the list, twice.
		Requests:    1 + 2*21,
		Renews:      true,
		WrongShape:  `{"success":true,"timestamp":1754532000000,"result":{"orders":[]}}`,
		UnknownCode: `{"success":false,"timestamp":1754532000000}`,
		Untotalled:  true,
		New: func(t testing.TB, n int) *extracttest.Vendor {
			o := options()
			o.NewestFirst = true
			v := sim.New(o)
			for i := range n {
				v.Put(order(id(i)))
			}
			return vendor(v)
		},
		One: func(testing.TB) extracttest.One {
			v := sim.New(options())
			var ids []string
			for i := range 12 {
				v.Put(order(id(i)))
				ids = append(ids, id(i))
			}
			one := vendor(v)
			one.Plan.State = extract.State{Due: extracttest.Due(ids...)}
			return extracttest.One{
				Vendor: one,
				Order:  id(5),
				Of:     func(_ *http.Request, body string) bool { return strings.Contains(body, id(5)) },
			}
		},
	})
}
