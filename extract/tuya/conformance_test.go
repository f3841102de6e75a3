package tuya

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/tuya/sim"
)

func TestConformance(t *testing.T) {
	// Every third order is a service. Orders are put all over the range, so
	// that a late one appears on any page.
	numbered := func(i int, status string) sim.Order {
		biz := "MATERIAL"
		if i%3 == 2 {
			biz = "SERVICE"
		}
		o := order(fmt.Sprintf("N%06d", i), biz, noon.Add(-time.Duration(i*7919%100000)*time.Second))
		o.OrderStatus = status
		return o
	}
	vendor := func(v *sim.Vendor, plan extract.Plan) *extracttest.Vendor {
		return &extracttest.Vendor{
			Handler: v,
			Depart:  v.Depart,
			Config:  fmt.Sprintf("project_id: %q\nauth: {kind: tuya, client_id: id, client_secret: secret}\n", project),
			Plan:    plan,
			ID:      func(i int) string { return numbered(i, "").OrderID },
			Put:     func(i int) { v.Put(numbered(i, "created")) },
			Touch:   func(i int) bool { v.Put(numbered(i, "finished")); return true },
			Delete:  func(i int) { v.Delete(numbered(i, "").OrderID) },
			Expire:  v.ExpireTokens,
			IsRead:  func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/server-order/") },
		}
	}
	extracttest.Conformance(t, extracttest.Subject{
		Driver: Driver(),
		Lists:  []string{"orders"},
		// A log-in; 1,334 of material in 14 pages and 666 services in 7, twice.
		Requests:    1 + 2*14 + 2*7,
		RateCode:    `{"code":1110,"msg":"too many requests","success":false,"t":1712736000234}`,
		Renews:      true,
		WrongShape:  `{"result":{"data":{},"total":0},"success":true,"t":1712736000234}`,
		UnknownCode: `{"code":4711,"msg":"","success":false,"t":1712736000234}`,
		New: func(t testing.TB, n int) *extracttest.Vendor {
			v := sim.New(options())
			for i := range n {
				v.Put(numbered(i, "created"))
			}
			return vendor(v, extract.Plan{Until: until})
		},
		One: func(testing.TB) extracttest.One {
			v := sim.New(options())
			var ids []string
			for i := range 12 {
				v.Put(numbered(i, "created"))
				ids = append(ids, numbered(i, "").OrderID)
			}
			return extracttest.One{
				Vendor: vendor(v, extract.Plan{Until: until, State: extract.State{Due: extracttest.Due(ids...)}}),
				Order:  ids[5],
				Of: func(r *http.Request, body string) bool {
					return strings.HasSuffix(r.URL.Path, "/get") && strings.Contains(body, ids[5])
				},
			}
		},
	})
}
