package soms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// bookedAt is an order with its time on the platform, "" where it was sent by
// none, and its time at the vendor, in March 2025.
func bookedAt(id, onPlatform, created string) sim.Order {
	o := plainOrder(id)
	o.Created, o.Modified = "2025-03-"+created, "2025-03-"+created
	if o.Front.Created = ""; onPlatform != "" {
		o.Front.Created = "2025-03-" + onPlatform
	}
	return o
}

// TestSweep: the days whose total differs from what is booked are read again,
// each order under the day of its created_at.
func TestSweep(t *testing.T) {
	list := []sim.Order{
		bookedAt("A", "06 00:00:00", "06 00:00:10"), // on the first second of its day
		bookedAt("B", "06 23:59:59", "07 00:00:05"), // on the last one; at the vendor the next day
		bookedAt("C", "07 00:00:00", "07 00:00:01"),
		bookedAt("D", "07 12:00:00", "07 12:00:01"),
		bookedAt("E", "09 12:00:00", "09 12:00:01"),
	}
	own := append(slices.Clone(list), bookedAt("F", "", "07 15:00:00"), bookedAt("G", "", "08 00:00:00"))
	suspended := append(slices.Clone(list), bookedAt("S", "07 16:00:00", "07 16:00:01"))
	suspended[len(suspended)-1].SuspendInfo = &sim.SuspendInfo{Suspended: true}
	const before = 9 + 36 + 2 + 2
	const hidden = "2025-03-07 front_created,suspended=true"
	for _, c := range []struct {
		name   string
		o      sim.Options
		more   []string
		booked map[string]int64
		want   []string // day and filter of the windows
		calls  int
	}{
		// 9 calls for flags and 36 for pairs of them whether orders are hidden, 2
		// whether bounds are inclusive (and 1 whether the lower one is), 2 whether all orders have a time on their
		// platform; then 1 for a day.
		{"nothing differs", sim.Options{Orders: list}, nil, map[string]int64{"2025-03-06": 2, "2025-03-07": 2, "2025-03-08": 0}, nil, before + 3},
		{"the vendor's bounds are exclusive", sim.Options{Orders: list, ExclusiveEnd: true}, nil, map[string]int64{"2025-03-06": 2, "2025-03-07": 2, "2025-03-08": 0}, nil, before + 1 + 3},
		{"one is not booked", sim.Options{Orders: list}, nil, map[string]int64{"2025-03-06": 2, "2025-03-07": 1}, []string{"2025-03-07 front_created"}, before + 2 + 1},
		{"one is gone", sim.Options{Orders: list}, nil, map[string]int64{"2025-03-06": 2, "2025-03-08": 1}, []string{"2025-03-08 front_created"}, before + 2 + 1},
		{"a vendor without orders", sim.Options{}, nil, map[string]int64{"2025-03-06": 2}, []string{"2025-03-06 front_created"}, before - 1 + 1 + 1},
		{"a day that the bound has not left behind", sim.Options{Orders: list}, nil, map[string]int64{"2025-03-10": 7}, nil, 0},
		{"a day before the account's since", sim.Options{Orders: list}, []string{"since: 2025-03-07"}, map[string]int64{"2025-03-06": 7, "2025-03-07": 2}, nil, before + 1},
		// 2 more calls for a day, because the platform's time is not enough.
		{"orders of no platform", sim.Options{Orders: own}, nil, map[string]int64{"2025-03-06": 2, "2025-03-07": 3, "2025-03-08": 1}, nil, before + 3*3},
		{"orders of no platform, one is not booked", sim.Options{Orders: own}, nil, map[string]int64{"2025-03-07": 2}, []string{"2025-03-07 front_created", "2025-03-07 created"}, before + 3 + 2},
		{"orders of no platform, exclusive bounds", sim.Options{Orders: own, ExclusiveEnd: true}, nil, map[string]int64{"2025-03-07": 3, "2025-03-08": 1}, nil, before + 1 + 2*3},
		// 2 more calls show that suspended orders are hidden, and 502 that no
		// others are: 2 to the power of 9 less none and the 9 single flags. Then
		// totals take two, and 1 call tells that the days have such orders.
		{"hidden orders", sim.Options{Orders: suspended, UnsetIsFalse: true}, nil, map[string]int64{"2025-03-07": 3}, nil, 9 + 2 + 502 + 2 + 2*2 + 1 + 2},
		{"hidden orders, one is not booked", sim.Options{Orders: suspended, UnsetIsFalse: true}, nil, map[string]int64{"2025-03-07": 2}, []string{"2025-03-07 front_created", hidden}, 9 + 2 + 502 + 2 + 2*2 + 1 + 2 + 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, c.o, c.more...)
			windows, err := n.account.Plan(context.Background(), extract.Plan{Until: until, State: extract.State{Due: []extract.Due{}, Booked: c.booked}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range windows {
				got = append(got, w.Start.In(sim.Zone).Format(time.DateOnly)+" "+w.Filter)
				if !w.End.Equal(w.Start.AddDate(0, 0, 1)) || !w.Exhaustive || !w.Reread || w.Stream != streamOrders {
					t.Errorf("window %+v", w)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("windows %q, want %q", got, c.want)
			}
			if n.vendor.Requests() != c.calls {
				t.Errorf("%d calls, want %d:\n%s", n.vendor.Requests(), c.calls, strings.Join(n.sent(), "\n"))
			}
		})
	}
}

// TestSweptDay: a day is read by both times, so that every order whose
// created_at lies in it comes.
func TestSweptDay(t *testing.T) {
	n := start(t, sim.Options{Orders: []sim.Order{
		bookedAt("A", "06 23:59:59", "07 00:00:05"), bookedAt("B", "07 23:59:59", "08 00:00:05"), bookedAt("C", "", "07 15:00:00"),
	}})
	got, err := extracttest.TryFetch(context.Background(), n.account, extract.Plan{Until: until, State: extract.State{Due: []extract.Due{}, Booked: map[string]int64{"2025-03-07": 1}}})
	if err != nil {
		t.Fatal(err)
	}
	// A comes too: it was created at the vendor on that day.
	if seen := ids(got, "orders"); len(seen) != 3 || len(got.Windows) != 2 {
		t.Errorf("orders %v in %d windows", seen, len(got.Windows))
	}
}

// TestHidden: where the vendor applies the documented default of its flags,
// orders that are suspended, invalid or both come by scans of their own, and
// so do those of them that were refunded.
func TestHidden(t *testing.T) {
	var list []sim.Order
	for i := range 8 {
		o := orderAt(fmt.Sprintf("R%d", i), time.Duration(48+i)*time.Hour)
		o.SuspendInfo = &sim.SuspendInfo{Suspended: i&1 != 0}
		if i&2 != 0 {
			o.Flags = []string{"invalid"}
		}
		if i == 3 {
			o.RefundState = "refunded"
		}
		list = append(list, o)
	}
	cursor := map[string]time.Time{"orders": until.Add(-24 * time.Hour), "refunded": until.Add(-24 * time.Hour)}
	for _, c := range []struct {
		name    string
		hides   bool
		plan    extract.Plan
		windows string
		orders  int
	}{
		{
			"the first night", true,
			extract.Plan{Until: until},
			"orders:; orders:suspended=true; orders:invalid=true; orders:suspended=true,invalid=true; refunded:; refunded:suspended=true,invalid=true; reminders:", 8,
		},
		{ // the scans of hidden orders have no cursor
			"another night", true,
			extract.Plan{Until: until, Cursor: cursor},
			"orders:; orders:suspended=true; orders:invalid=true; orders:suspended=true,invalid=true; orders:index_modified; refunded:; refunded:suspended=true,invalid=true; reminders:", 6,
		},
		{
			"a range of creation", true,
			extract.Plan{Until: until, Since: until.Add(-49 * time.Hour)},
			"orders:created; orders:created,suspended=true; refunded:; reminders:", 2, // R0 and R1
		},
		{"an unset flag filters nothing", false, extract.Plan{Until: until}, "orders:; refunded:; reminders:", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, sim.Options{Orders: list, UnsetIsFalse: c.hides})
			got, err := extracttest.TryFetch(context.Background(), n.account, c.plan)
			if err != nil {
				t.Fatal(err)
			}
			var windows []string
			for _, w := range got.Windows {
				windows = append(windows, w.Stream+":"+w.Filter)
			}
			if w := strings.Join(windows, "; "); w != c.windows {
				t.Errorf("windows %s\nwant    %s", w, c.windows)
			}
			if seen := ids(got, "orders"); len(seen) != c.orders {
				t.Errorf("orders %v, want %d", seen, c.orders)
			}
			if c.orders > 2 && ids(got, "refunded")["R3"] != 1 {
				t.Errorf("refunded %v", ids(got, "refunded"))
			}
		})
	}
}

func TestVariantIsReadAsWritten(t *testing.T) {
	for _, text := range []string{"", "created", "front_created,suspended=true", "invalid=true,have_return=true", "hasInvoice=true,pick_info_is_auto_picked_finish=true"} {
		if v, err := variantOf(text); err != nil || v.String() != text {
			t.Errorf("%q is read as %+v, %v", text, v, err)
		}
	}
	for _, text := range []string{"modified", "exact", "suspended", "receiver_name=true"} {
		if _, err := variantOf(text); err == nil {
			t.Errorf("%q is a filter", text)
		}
	}
}
