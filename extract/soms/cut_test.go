package soms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// joined fails the test unless the windows of the stream orders that move its
// cursor follow each other from start on without a gap, as one scan.
func joined(t *testing.T, windows []extract.Window, start time.Time) {
	t.Helper()
	for _, w := range windows {
		if w.Stream != streamOrders || w.Reread || w.OwnCursor {
			continue
		}
		if !w.Start.Equal(start) || !w.Start.Before(w.End) || w.Filter != "" {
			t.Errorf("window %v to %v %q, want one from %v on", w.Start, w.End, w.Filter, start)
		}
		start = w.End
	}
}

// TestOverfullSecond: 25 orders in one second where the search answers 20. That
// second alone is marked, with what can be read of it; the orders of the
// seconds beside it and all others arrive. The next night asks for it again.
func TestOverfullSecond(t *testing.T) {
	noon := time.Date(2025, 3, 9, 12, 0, 0, 0, sim.Zone)
	changed := func(id string, at time.Time) sim.Order {
		o := plainOrder(id)
		o.Modified = sim.LocalTime(at)
		return o
	}
	var list []sim.Order
	for i := range 25 {
		list = append(list, changed(fmt.Sprintf("same%02d", i), noon))
	}
	others := []string{"a day before", "a second before", "a second after", "an hour after"}
	for i, d := range []time.Duration{-24 * time.Hour, -time.Second, time.Second, time.Hour} {
		list = append(list, changed(others[i], noon.Add(d)))
	}
	message := func(other string) string {
		return "25 orders share the second 2025-03-09 12:00:00, and max_window_rows is 20: 20 of them were read, and the next night asks again; " +
			"raise max_window_rows if the vendor's search answers more rows at once, or set change_time: " + other + ", by which they may lie apart"
	}
	for _, c := range []struct {
		name      string
		exclusive bool
		more      []string
		want      string
	}{
		{"bounds are inclusive", false, nil, message("index_modified")},
		{"bounds are exclusive", true, nil, message("index_modified")},
		{"by the search index", false, []string{"change_time: index_modified"}, message("modified")},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, sim.Options{Orders: list, SearchCap: 20, ExclusiveEnd: c.exclusive}, append(c.more, "max_window_rows: 20", "page_size: 10")...)
			for _, night := range []struct {
				cursor map[string]time.Time
				start  time.Time
				others []string
			}{
				{nil, time.Time{}, others},
				// The cursor cannot have passed noon. Less 15 minutes of overlap.
				{map[string]time.Time{"orders": noon.Add(-time.Second)}, noon.Add(-15*time.Minute - time.Second), others[1:]},
			} {
				got, err := extracttest.TryFetch(context.Background(), n.account, extract.Plan{Until: until, Cursor: night.cursor})
				if err != nil {
					t.Fatal(err)
				}
				joined(t, got.Windows, night.start)
				var marked []string
				for i, o := range got.Outcomes {
					w := got.Windows[i]
					if !o.Marked() {
						continue
					}
					marked = append(marked, o.Unsettled)
					if len(o.Keys) != 20 || w.Start.After(noon) || !w.End.After(noon) || w.End.Sub(w.Start) > time.Second {
						t.Errorf("marked: %v to %v with %d orders", w.Start, w.End, len(o.Keys))
					}
				}
				if !slices.Equal(marked, []string{c.want}) {
					t.Errorf("marked %q\nwant   %q", marked, c.want)
				}
				seen := ids(got, "orders")
				for _, id := range night.others {
					if seen[id] == 0 {
						t.Errorf("the order changed %s was missed", id)
					}
				}
				if len(seen) != 20+len(night.others) {
					t.Errorf("%d orders", len(seen))
				}
			}
		})
	}
}

// TestOverfullElsewhere: a second that is too full costs its window also where
// orders are asked for by the time of their creation: the refunded ones and a
// range that the operator names. There change_time is no remedy. Where the
// vendor counts no further than it answers, it says so.
func TestOverfullElsewhere(t *testing.T) {
	var list []sim.Order
	for i := range 20 { // as many as the search answers: there may be more
		o := plainOrder(fmt.Sprintf("same%02d", i)) // created 2025-03-01 10:00:00
		o.RefundState = "refunded"
		o.Modified = sim.LocalTime(until.Add(-time.Duration(i+2) * time.Hour))
		list = append(list, o)
	}
	n := start(t, sim.Options{Orders: list, SearchCap: 20}, "max_window_rows: 20", "page_size: 10")
	const want = "20 orders or more share the second 2025-03-01 10:00:00, and max_window_rows is 20: 20 of them were read, and the next night asks again; raise max_window_rows if the vendor's search answers more rows at once"
	for _, c := range []struct {
		plan   extract.Plan
		marked string
	}{
		{extract.Plan{Until: until}, "refunded"},
		{extract.Plan{Until: until, Since: until.AddDate(0, 0, -20)}, "orders refunded"},
	} {
		got, err := extracttest.TryFetch(context.Background(), n.account, c.plan)
		if err != nil {
			t.Fatal(err)
		}
		var marked []string
		for i, o := range got.Outcomes {
			if o.Marked() {
				marked = append(marked, got.Windows[i].Stream)
				if o.Unsettled != want {
					t.Errorf("marked %q\nwant   %q", o.Unsettled, want)
				}
			}
		}
		if strings.Join(marked, " ") != c.marked {
			t.Errorf("marked %v, want %s", marked, c.marked)
		}
	}
}

// TestCrowdLeavesNoGap: a minute with more orders than the search answers is
// cut into windows that the cursor can follow.
func TestCrowdLeavesNoGap(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		n := crowd(t, exclusive, 2)
		windows, err := n.account.Plan(context.Background(), extract.Plan{Until: until})
		if err != nil {
			t.Fatal(err)
		}
		joined(t, windows, time.Time{})
		if len(windows) < 3 {
			t.Errorf("windows %v", windows)
		}
	}
}

// TestWithoutTimes: orders without the time that they are to be divided by
// are an error that says so, not an endless division.
func TestWithoutTimes(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(30)}, "max_window_rows: 20", "page_size: 10", "concurrency: 1")
	n.vendor.Fault(func(*http.Request) *simulate.Fault {
		// Flags have no orders, so that planning comes to the windows.
		if strings.Contains(n.last(), "true}") {
			return nil
		}
		return &simulate.Fault{Status: 200, Body: `{"total":30,"orders":[{"id":"R0000"}]}`}
	})
	_, err := n.account.Plan(context.Background(), extract.Plan{Until: until})
	var e *extract.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), `there are 30 orders, max_window_rows or more, and the first of them has no time "modified"`) {
		t.Errorf("error %v", err)
	}
}

// TestSinceIsTheStart: the first night's window starts with the account's
// since, though no bound of changes is sent: so the pipeline can tell that a
// since set to an earlier day reaches behind what was read, and gives no
// cursor. Then everything since that day is read.
func TestSinceIsTheStart(t *testing.T) {
	list := []sim.Order{orderAt("old", 20*24*time.Hour), orderAt("new", 5*24*time.Hour)}
	for _, c := range []struct {
		since  string // until is 2025-03-10
		sent   string
		orders string
	}{{"2025-03-01", "2025-02-28 23:59:59", "new"}, {"2025-02-01", "2025-01-31 23:59:59", "new old"}} {
		n := start(t, sim.Options{Orders: list}, "since: "+c.since)
		got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
		day, err := time.ParseInLocation(time.DateOnly, c.since, sim.Zone)
		if err != nil {
			t.Fatal(err)
		}
		joined(t, got.Windows, day)
		if sent := strings.Join(n.sent(), "\n"); !strings.Contains(sent, `{"created_start":"`+c.sent+`","modified_end":"2025-03-10 01:59:00"}`) {
			t.Errorf("sent\n%s", sent)
		}
		var seen []string
		for id := range ids(got, "orders") {
			seen = append(seen, id)
		}
		slices.Sort(seen)
		if strings.Join(seen, " ") != c.orders {
			t.Errorf("since %s: orders %v, want %s", c.since, seen, c.orders)
		}
	}
}

// TestFirstSecond: orders of the very second with which the account's since, a
// range of creation and a day that is read again begin are not lost where the
// vendor's bounds are exclusive, and the sweep counts them.
func TestFirstSecond(t *testing.T) {
	day := time.Date(2025, 3, 7, 0, 0, 0, 0, sim.Zone)
	for _, o := range []sim.Options{{}, {ExclusiveStart: true}, {ExclusiveEnd: true}, {ExclusiveStart: true, ExclusiveEnd: true}} {
		o.Orders = []sim.Order{bookedAt("A", "07 00:00:00", "07 00:00:00"), bookedAt("B", "07 09:00:00", "07 09:00:00")}
		o.Orders[0].RefundState = "refunded"
		for _, c := range []struct {
			name string
			more []string
			plan extract.Plan
		}{
			{"the account's since", []string{"since: 2025-03-07"}, extract.Plan{Until: until}},
			{"a range", nil, extract.Plan{Since: day, Until: day.AddDate(0, 0, 1)}},
			{"a day that is read again", nil, extract.Plan{Until: until, State: extract.State{Due: []extract.Due{}, Booked: map[string]int64{"2025-03-07": 1}}}},
		} {
			n := start(t, o, c.more...)
			got, err := extracttest.TryFetch(context.Background(), n.account, c.plan)
			if err != nil {
				t.Fatal(err)
			}
			if seen := ids(got, "orders"); seen["A"] == 0 || seen["B"] == 0 {
				t.Errorf("%s: orders %v, want A and B (%+v)", c.name, seen, o)
			}
			if seen := ids(got, "refunded"); c.plan.Due == nil && seen["A"] == 0 {
				t.Errorf("%s: refunded %v, want A", c.name, seen)
			}
		}
		n := start(t, o)
		swept, err := n.account.Plan(context.Background(), extract.Plan{Until: until, State: extract.State{Due: []extract.Due{}, Booked: map[string]int64{"2025-03-07": 2}}})
		if err != nil || len(swept) != 0 {
			t.Errorf("windows %v, %v; want none, for two orders are booked and there", swept, err)
		}
	}
}

// TestBoundsThatAreNotHeeded: a search that passes over the bounds of a time answers all
// orders for any part of a window, however it is cut. With more than max_window_rows the
// night fails and says so, instead of cutting down to every second since 1970.
func TestBoundsThatAreNotHeeded(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(60), Ignores: []string{"modified"}}, "max_window_rows: 40", "page_size: 10")
	_, err := extracttest.TryCollect(t.Context(), n.account, extract.Plan{Until: until})
	if err == nil || !strings.Contains(err.Error(), "it does not heed that bound") {
		t.Errorf("error %v, want one of the bound", err)
	}
	if len(n.bodies) > 200 { // what hides orders is asked for by up to 100
		t.Errorf("%d calls", len(n.bodies))
	}
	n = start(t, sim.Options{Orders: orders(30), Ignores: []string{"modified"}}, "max_window_rows: 40", "page_size: 10")
	if got := extracttest.Collect(t, t.Context(), n.account, extract.Plan{Until: until}); len(ids(got, streamOrders)) != 30 {
		t.Errorf("%d of 30 orders, which need not be cut", len(ids(got, streamOrders)))
	}
}
