package soms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
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
// really has none; one that is gone leaves its window unsettled.
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
	got = extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if o := got.Outcomes[0]; !strings.Contains(o.Unsettled, "1 of 1 orders") {
		t.Errorf("outcome %+v", o)
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

// crowded is how many orders the vendor's search answers at once: 1,000, or
// with NIGHTAUDIT_SLOW=1 in the environment the real 10,000.
func crowded() int {
	if os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		return defaultMaxWindow
	}
	return 1000
}

// crowd is one order more than the vendor's search answers at once. Their last
// changes fall into the given seconds from noon on, one after the other.
func crowd(t *testing.T, exclusive bool, seconds int) *night {
	noon := time.Date(2025, 3, 9, 12, 0, 0, 0, sim.Zone)
	list := make([]sim.Order, crowded()+1)
	for i := range list {
		list[i] = sim.Order{ID: fmt.Sprintf("R%05d", i), Created: "2025-03-01 10:00:00", Modified: sim.LocalTime(noon.Add(time.Duration(i%seconds) * time.Second)), Items: []sim.Item{{SKUID: "A"}}}
	}
	return start(t, sim.Options{Orders: list, SearchCap: crowded(), ExclusiveEnd: exclusive}, fmt.Sprintf("max_window_rows: %d", crowded()))
}

// TestCrowd: more orders than the search answers at once, modified within a minute, or within two seconds,
// all arrive, and no window is marked.
func TestCrowd(t *testing.T) {
	for _, c := range []struct {
		seconds   int
		exclusive bool
	}{{60, false}, {60, true}, {2, false}, {2, true}} {
		n := crowd(t, c.exclusive, c.seconds)
		got, err := extracttest.TryFetch(context.Background(), n.account, extract.Plan{Until: until})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for i, o := range got.Outcomes {
			if o.Marked() {
				t.Errorf("window %+v: %+v", got.Windows[i], o)
			}
			for _, key := range o.Keys {
				seen[key] = true
			}
		}
		if len(seen) != crowded()+1 {
			t.Errorf("%d orders in %d seconds (upper bounds exclusive: %v), want %d", len(seen), c.seconds, c.exclusive, crowded()+1)
		}
	}
}

// TestOrdersThatMove: while the pages are read, an early order is changed
// and leaves the window, so that every later one moves forward. None of the
// others is missed, whenever that happens, and the window settles.
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
			if got.Outcomes[0].Marked() {
				t.Errorf("concurrency %d, call %d: %+v", concurrency, moved, got.Outcomes[0])
			}
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
		if calls > 6+7+7 {
			t.Errorf("%d pages were asked for when one order came before call %d", calls, late)
		}
	}
}

// TestOrdersThatNeverRest: a window that does not come to rest is read three
// times and then marked.
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
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	// One more order with each call: the passes begin with 31, 35 and 39.
	if calls != 4+4+4 || !got.Outcomes[0].Marked() {
		t.Errorf("%d pages were asked for, outcome %+v", calls, got.Outcomes[0])
	}
}

// TestOneComesOneGoes: between two pages the index takes an early order late,
// and an order of a page that has been read leaves. No total tells, and R0009
// has moved from a page that was not read to one that was. The index does
// tell, and the window is read again.
func TestOneComesOneGoes(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(60)}, "page_size: 10", "concurrency: 1")
	once := false
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		// Pages are asked for in the sequence 0, 5, 4, 3, 2, 1.
		if q := r.URL.Query(); q.Get("page_size") == "10" && q.Get("page") == "1" && !once {
			once = true
			n.vendor.Put(orderAt("LATE", 48*time.Hour))
			n.vendor.Put(orderAt("R0055", 0))
		}
		return nil
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	seen := ids(got, "orders")
	for i := range 60 {
		if id := fmt.Sprintf("R%04d", i); seen[id] == 0 && id != "R0055" {
			t.Errorf("%s was missed", id)
		}
	}
	if seen["LATE"] == 0 || got.Outcomes[0].Marked() {
		t.Errorf("late order %d times, outcome %+v", seen["LATE"], got.Outcomes[0])
	}
}

// TestIndexTimeIsReadTwice: windows that are bounded by the time of the search
// index cannot be proven by it.
func TestIndexTimeIsReadTwice(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(30)}, "page_size: 10", "change_time: index_modified")
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if o := got.Outcomes[0]; o.Passes != 2 || o.Marked() || o.Distinct != 30 {
		t.Errorf("outcome %+v", o)
	}
}

// TestGrown: a window that has grown beyond the cap since it was cut is read
// once, as far as the vendor answers, and marked.
func TestGrown(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(19), SearchCap: 20}, "max_window_rows: 20", "page_size: 10")
	plan, err := n.account.Plan(context.Background(), extract.Plan{Until: until})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		n.vendor.Put(orderAt(fmt.Sprintf("LATE%d", i), 48*time.Hour))
	}
	rows := 0
	err = n.account.Fetch(context.Background(), plan[0], func(p *extract.Page) (extract.Facts, error) {
		f, err := tryDecode(n.account, p.Stream, string(p.Body))
		rows += f.Rows
		return f, err
	})
	var unsettled *extract.Unsettled
	if !errors.As(err, &unsettled) || !strings.Contains(err.Error(), "grown to 24") || rows != 20 {
		t.Errorf("%d rows, error %v", rows, err)
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

// TestItemsOfTheLastPass: an order that leaves the window while it is read is
// not asked for by id: it belongs to the next night, and the window settles.
func TestItemsOfTheLastPass(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(30), HideItems: true}, "page_size: 10", "concurrency: 1")
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if q := r.URL.Query(); q.Get("page_size") == "10" && q.Get("page") == "1" {
			n.vendor.Delete("R0029") // its page has been read
		}
		return nil
	})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if o := got.Outcomes[0]; o.Marked() || o.Distinct != 29 || o.Passes != 2 {
		t.Errorf("outcome %+v", o)
	}
	for _, s := range n.sent() {
		if strings.HasPrefix(s, pathOrders) && strings.Contains(s, "R0029") {
			t.Errorf("it was asked for: %s", s)
		}
	}
}
