package soms

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// oddity is a vendor of which something cannot be told, or that does what no axis
// knows.
type oddity struct {
	name  string
	n     int
	ways  []string
	edit  func(o *sim.Options)
	fault func(v *sim.Vendor, call string) *simulate.Fault // call: "/path?query body"
	tells map[string][]string
}

func (c *oddity) vendor(t *testing.T) *sim.Vendor {
	t.Helper()
	v := tenantOf(c.n, ways(t, c.ways...)...)
	if c.edit != nil {
		c.edit(&v.o)
	}
	s := v.vendor()
	if c.fault != nil {
		s.Fault(func(r *http.Request) *simulate.Fault {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			return c.fault(s, r.URL.Path+"?"+r.URL.RawQuery+" "+string(body))
		})
	}
	return s
}

// answering gives a body to each call that holds a text.
func answering(text string, status int, body string) func(*sim.Vendor, string) *simulate.Fault {
	return func(_ *sim.Vendor, call string) *simulate.Fault {
		if strings.Contains(call, text) {
			return &simulate.Fault{Status: status, Body: body}
		}
		return nil
	}
}

// putting puts another order when a call comes for the nth time, as the first of
// two that were created in one second.
func putting(text string, nth int) func(*sim.Vendor, string) *simulate.Fault {
	seen := 0
	return func(v *sim.Vendor, call string) *simulate.Fault {
		if strings.Contains(call, text) {
			if seen++; seen == nth {
				o := plainOrder("R0004a")
				o.Created, o.Modified = "2025-03-01 10:00:00", "2025-03-01 10:00:00"
				v.Put(o)
			}
		}
		return nil
	}
}

const (
	nobody  = `{"total":0,"page":0,"orders":[],"page_count":0,"page_size":1}`
	refusal = `{"success":false,"code":"400","message":""}`
)

var oddities = []oddity{
	{name: "no orders", n: 0, tells: right(
		"parts: empty", "counts_to: empty", "search_cap: empty", "index: empty", "zone: empty", "lateness: empty", "refund_state: empty",
		"bounds: empty", "precision: empty", "platforms: empty", "payment_methods: empty", "carriers: empty", "sort: empty", "ties: empty", "hidden: empty",
	)},
	{name: "one order", n: 1, tells: right("sort: few", "ties: none", "refund_state: none", "hidden: no_totals")},
	{name: "eleven orders", n: 11, tells: right("search_cap: few", "hidden: unseen", "zone: fits", "bounds: inclusive")},
	{
		name: "plain orders", n: 30, tells: right("parts: unseen", "platforms: none", "payment_methods: none", "carriers: none"),
		edit: func(o *sim.Options) {
			for i := range o.Orders {
				o.Orders[i].Promotion, o.Orders[i].Delivery, o.Orders[i].Front, o.Orders[i].Payment = nil, nil, nil, nil
			}
		},
	},
	{name: "orders that are gone by id", n: 30, ways: []string{"no parts"}, fault: answering(pathOrders, 200, `{"orders":[],"empty":true}`), tells: right("parts: unclear")},
	{name: "totals of pages", n: 30, ways: []string{"total of the page"}, tells: right("counts_to: unclear", "search_cap: unclear", "refund_state: unclear", "hidden: no_totals")},
	{name: "no order by the index", n: 30, fault: answering("index_modified", 200, nobody), tells: right("index: nothing")},
	{name: "no filter by the index", n: 30, fault: answering("index_modified", 400, refusal), tells: right("index: refused")},
	{name: "a filter by the index that fails", n: 30, fault: answering("index_modified", 503, refusal), tells: right("index: failed")},
	{name: "no filter by refunds", n: 30, fault: answering("refund_state", 400, refusal), tells: right("refund_state: refused")},
	{name: "times of the east", n: 30, edit: func(o *sim.Options) {
		o.Zone = time.FixedZone("", 10*60*60)
		o.Orders = stock(30, o.Zone)
	}, tells: right("zone: ahead_more", "lateness: zone_first")},
	{name: "a quarter of an hour late", n: 30, edit: func(o *sim.Options) { o.Now = func() time.Time { return until.Add(10 * time.Minute) } }, tells: right("zone: old", "lateness: within")},
	{name: "quiet for days", n: 30, edit: func(o *sim.Options) { o.Now = func() time.Time { return until.AddDate(0, 0, 3) } }, tells: right("zone: old", "lateness: quiet")},
	{name: "no orders of a second", n: 30, fault: answering("modified_start", 200, nobody), tells: right("bounds: unclear", "precision: unclear")},
	{name: "ties in any order", n: 30, ways: []string{"ties in any order"}, tells: right("zone: unclear", "lateness: unclear")},
	{name: "an order of long ago comes", n: 30, fault: putting("page=0&page_size=10&sort_key=created", 3), tells: right("ties: moved")},
	{name: "an order of long ago comes late", n: 30, fault: putting(`"pick_info_is_auto_picked_finish":true`, 1), tells: right("hidden: moved")},
}
