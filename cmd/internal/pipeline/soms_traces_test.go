package pipeline_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// TestSOMSTraces: night after night an order with a waybill is asked for where
// it is, a last time when it has become final; orders without a waybill, and
// those that were final when they were first seen, are not.
func TestSOMSTraces(t *testing.T) {
	slowTest(t)
	order := func(id, state, waybill string, changed time.Time) soms.Order {
		o := shopOrder(id, shopTime(9, 9, 0), changed)
		o.State = state
		if waybill != "" {
			o.Delivery = &soms.Delivery{Waybills: []soms.Waybill{{WaybillID: waybill}}}
		}
		return o
	}
	s := openShop(t, soms.Options{Orders: []soms.Order{
		order("A", "delivering", "SF1", shopTime(9, 10, 0)), order("B", "confirmed", "", shopTime(9, 10, 0)), order("C", "delivered", "SF3", shopTime(9, 10, 0)),
	}})
	told := soms.Trace{WaybillID: "SF1", Details: []soms.TraceDetail{{Time: "2026-04-09 10:30:00", Status: "揽收"}}}
	s.vendor.PutTrace("A", told)
	var mu sync.Mutex
	var asked []string
	s.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if strings.HasSuffix(r.URL.Path, "/trace") {
			mu.Lock()
			asked = append(asked, strings.Split(r.URL.Path, "/")[5])
			mu.Unlock()
		}
		return nil
	})
	night := func(what string, wantAsked, wantEvents []string) {
		t.Helper()
		asked = nil
		r := s.night("traces: true")
		if r.ExitCode != 0 {
			t.Errorf("%s: exit code %d, %v", what, r.ExitCode, r.Accounts[0].Messages)
		}
		if !slices.Equal(asked, wantAsked) {
			t.Errorf("%s: asked for %v, want %v", what, asked, wantAsked)
		}
		equal(t, what, s.published(r, "SELECT order_id, source_status, happened_at AT TIME ZONE 'Asia/Shanghai' FROM delivery_events"), wantEvents)
	}
	const first, last = "A | 揽收 | 2026-04-09 10:30:00", "A | 签收 | 2026-04-11 15:00:00"
	night("first night", []string{"A"}, []string{first})
	night("nothing has changed", []string{"A"}, []string{first})
	s.vendor.Put(order("A", "delivered", "SF1", shopTime(11, 15, 0)))
	told.Details = append(told.Details, soms.TraceDetail{Time: "2026-04-11 15:00:00", Status: "签收"})
	s.vendor.PutTrace("A", told)
	night("it has arrived", []string{"A"}, []string{first, last})
	night("it is final", nil, []string{first, last})
}
