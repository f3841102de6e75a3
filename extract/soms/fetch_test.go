package soms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// TestItemsByID: 45 orders that the query answers without their items are
// asked for by id, 20 at a time, and come last, so that they are loaded.
func TestItemsByID(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(45), HideItems: true})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if len(got.Streams["orders"]["order_items"]) != 90 || len(got.Tables["payments"]) != 45 || len(got.Tables["discounts"]) != 45 {
		t.Errorf("%d items, %d payments", len(got.Streams["orders"]["order_items"]), len(got.Tables["payments"]))
	}
	var byID []string
	for _, s := range n.sent() {
		if strings.HasPrefix(s, pathOrders) {
			byID = append(byID, s)
		}
	}
	if len(byID) != 3 || !strings.HasPrefix(byID[0], pathOrders+"?parts=items%2Citem.details%2CpaymentDetails%2CinvoiceDetails%2Cprom ") {
		t.Errorf("calls by id: %v", byID)
	}
	last := got.Streams["orders"]["orders"]
	if len(last) != 90 || last[0]["paid_amount"] != "" || last[89]["paid_amount"] != "30.0000" {
		t.Errorf("the complete answers do not come last")
	}
}

// TestNoItemsAtAll: an order that has no items even when asked for by id
// really has none; one that is gone is an error, not a loss.
func TestNoItemsAtAll(t *testing.T) {
	bare := orderAt("A", 24*time.Hour)
	bare.Items = nil
	n := start(t, sim.Options{Orders: []sim.Order{bare}})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if len(got.Streams["orders"]["orders"]) != 2 || len(got.Tables["order_items"]) != 0 {
		t.Errorf("orders %v", got.Streams["orders"]["orders"])
	}
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if strings.HasSuffix(r.URL.Path, pathOrders) {
			return &simulate.Fault{Status: 200, Body: `{"orders":[],"empty":true}`}
		}
		return nil
	})
	_, err := extracttest.TryCollect(context.Background(), n.account, extract.Plan{Until: until})
	if err == nil || !strings.Contains(err.Error(), "1 of the 1 orders from A are missing") {
		t.Errorf("error %v", err)
	}
}

// TestCut: 500 orders where the search answers no more than 200: every order
// is read, and no page beyond the cap is asked for.
func TestCut(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		n := start(t, sim.Options{Orders: orders(500), SearchCap: 200, ExclusiveEnd: exclusive}, "max_window_rows: 200")
		got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
		if seen := ids(got, "orders"); len(seen) != 500 {
			t.Errorf("%d orders were read (upper bounds exclusive: %v)", len(seen), exclusive)
		}
		if len(got.Windows) < 5 {
			t.Errorf("windows %v", got.Windows)
		}
	}
}

// TestCutNoFurther: more orders in one second than the search answers.
func TestCutNoFurther(t *testing.T) {
	list := orders(30)
	for i := range list {
		list[i].Modified = "2025-03-05 12:00:00"
	}
	n := start(t, sim.Options{Orders: list}, "max_window_rows: 20", "page_size: 20")
	_, err := n.account.Plan(context.Background(), extract.Plan{Until: until})
	if err == nil || !strings.Contains(err.Error(), "30 orders") || !strings.Contains(err.Error(), "max_window_rows") {
		t.Errorf("error %v", err)
	}
}

// TestOrdersThatMove: while the pages are read, an early order is changed
// and leaves the window, so that every later one moves forward. None of the
// others is missed, whenever that happens.
func TestOrdersThatMove(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		for moved := 1; moved <= 6; moved++ {
			n := start(t, sim.Options{Orders: orders(60)}, "page_size: 10", fmt.Sprintf("concurrency: %d", concurrency))
			var mu sync.Mutex
			calls, done := 0, false
			n.vendor.Fault(func(r *http.Request) *simulate.Fault {
				mu.Lock()
				defer mu.Unlock()
				if r.URL.Query().Get("page_size") != "10" || r.URL.Query().Get("sort_key") != "modified" || done {
					return nil
				}
				if calls++; calls == moved {
					done = true
					o := orderAt("R0000", 0) // changed after the window's end
					n.vendor.Put(o)
				}
				return nil
			})
			got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
			seen := ids(got, "orders")
			for i := 1; i < 60; i++ {
				if seen[fmt.Sprintf("R%04d", i)] == 0 {
					t.Errorf("concurrency %d: R%04d was missed when an order moved before call %d", concurrency, i, moved)
				}
			}
		}
	}
}

// TestPagesOvertake: of two pages asked for at once the lower one is answered
// before an order leaves the window and the higher one after it. R0050, which
// moved from the higher to the lower page in between, is not missed.
func TestPagesOvertake(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(60)}, "page_size: 10", "concurrency: 2")
	answered := make(chan struct{})
	var once sync.Once
	scanned := func(r *http.Request, page string) bool {
		q := r.URL.Query()
		return q.Get("page_size") == "10" && q.Get("sort_key") == "modified" && q.Get("page") == page
	}
	n.after = func(r *http.Request) {
		if scanned(r, "4") {
			once.Do(func() { close(answered) })
		}
	}
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if scanned(r, "5") {
			<-answered
			n.vendor.Put(orderAt("R0000", 0))
		}
		return nil
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	seen := ids(got, "orders")
	for i := 1; i < 60; i++ {
		if seen[fmt.Sprintf("R%04d", i)] == 0 {
			t.Errorf("R%04d was missed", i)
		}
	}
}

// TestOrdersThatCome: while the pages are read, the search index takes an
// old order late, and every later one moves backward. All are read in the
// end, for the window is read again.
func TestOrdersThatCome(t *testing.T) {
	for late := 1; late <= 6; late++ {
		n := start(t, sim.Options{Orders: orders(60)}, "page_size: 10")
		var mu sync.Mutex
		calls := 0
		n.vendor.Fault(func(r *http.Request) *simulate.Fault {
			mu.Lock()
			defer mu.Unlock()
			if q := r.URL.Query(); q.Get("page_size") == "10" && q.Get("sort_key") == "modified" {
				if calls++; calls == late {
					n.vendor.Put(orderAt("LATE", 48*time.Hour))
				}
			}
			return nil
		})
		got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
		if seen := ids(got, "orders"); len(seen) != 61 {
			t.Errorf("%d orders were read when one came before call %d, want 61", len(seen), late)
		}
		if calls > 18 {
			t.Errorf("%d pages were asked for when one order came before call %d", calls, late)
		}
	}
}

// TestOrdersThatNeverRest: a window that does not come to rest is read three
// times and then left to the ledger.
func TestOrdersThatNeverRest(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(30)}, "page_size: 10", "concurrency: 1")
	calls := 0
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if q := r.URL.Query(); q.Get("page_size") == "10" && q.Get("sort_key") == "modified" {
			calls++
			n.vendor.Put(orderAt(fmt.Sprintf("LATE%02d", calls), 48*time.Hour))
		}
		return nil
	})
	extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if calls < 10 || calls > 40 {
		t.Errorf("%d pages were asked for", calls)
	}
}

// TestNoTotal: without a total, pages are read until one is not full.
func TestNoTotal(t *testing.T) {
	n := start(t, sim.Options{}, "page_size: 2")
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if !strings.HasSuffix(r.URL.Path, pathReminds) {
			return nil
		}
		list := map[string]string{"0": `{"remind_id":"a"},{"remind_id":"b"}`, "1": `{"remind_id":"c"}`}[r.URL.Query().Get("page")]
		return &simulate.Fault{Status: 200, Body: `{"reminds":[` + list + `]}`}
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if len(got.Tables["reminders"]) != 3 {
		t.Errorf("reminders %v", got.Tables["reminders"])
	}
}

// TestSmallPagesOfTheVendor: the vendor answers fewer rows to a page than it
// was asked for.
func TestSmallPagesOfTheVendor(t *testing.T) {
	n := start(t, sim.Options{})
	var all []string
	for i := range 7 {
		o, err := json.Marshal(plainOrder(fmt.Sprintf("R%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(o))
	}
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if !strings.HasSuffix(r.URL.Path, pathQuery) {
			return nil
		}
		var from int
		fmt.Sscan(r.URL.Query().Get("page"), &from)
		from = min(from*3, 7)
		return &simulate.Fault{Status: 200, Body: fmt.Sprintf(`{"total":7,"orders":[%s]}`, strings.Join(all[from:min(from+3, 7)], ","))}
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if seen := ids(got, "orders"); len(seen) != 7 {
		t.Errorf("orders %v", seen)
	}
}

// TestCountThatStopsAtTheCap: a search that counts no further than it answers
// states 20 for any more; the window is cut all the same.
func TestCountThatStopsAtTheCap(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(40)}, "max_window_rows: 20", "page_size: 20")
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if r.URL.Query().Get("page_size") == "1" && strings.Contains(n.last(), `{"modified_end":"2025-03-10 01:59:00"}`) {
			return &simulate.Fault{Status: 200, Body: `{"total":20,"orders":[{"id":"R0000","modified":"2025-03-08 00:00:00"}]}`}
		}
		return nil
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if seen := ids(got, "orders"); len(seen) != 40 {
		t.Errorf("%d orders were read, want 40", len(seen))
	}
}
