package soms

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// flagged makes an order for each text, with the flags that stand in it.
func flagged(texts ...string) []sim.Order {
	list := []sim.Order{orderAt("plain", 24*time.Hour)}
	for i, text := range texts {
		o := orderAt(fmt.Sprintf("R%d", i), time.Duration(25+i)*time.Hour)
		o.Flags = strings.Fields(text)
		list = append(list, o)
	}
	return list
}

// TestHiddenCombinations: which combinations of flags are read apart, and how
// many calls that takes to find out. 9 calls ask for each flag; a flag that
// has orders takes another one, and the first of them one more for all orders.
// Of n flags there are 2 to the power of n less n+1 combinations.
func TestHiddenCombinations(t *testing.T) {
	const (
		every = 512 - 1 - 9 // combinations of 9 flags
		pairs = 9 * 8 / 2
	)
	all := strings.Join(sim.Flags, " ")
	for _, c := range []struct {
		name   string
		hides  string // what the vendor leaves out unless asked for
		orders []string
		want   []string
		calls  int
	}{
		{"no order has a flag", all, nil, nil, 9 + pairs},
		{"nothing is hidden", "", sim.Flags, nil, 9 + 9 + 1},
		{"nothing is hidden, five flags have orders", "", sim.Flags[:5], nil, 9 + 5 + 1 + (16 - 1 - 4)},
		{"nothing is hidden, three flags have orders", "", sim.Flags[:3], nil, 9 + 3 + 1 + (64 - 1 - 6)},
		{"nothing is hidden, two flags have orders", "", sim.Flags[:2], nil, 9 + 2 + 1 + 7*6/2},
		{"nothing is hidden, one order has all flags", "", []string{all}, nil, 9 + 9 + 1},
		{"one flag", "suspended", []string{"suspended", "hasInvoice"}, []string{"suspended"}, 9 + 2 + 1 + (256 - 1 - 8)},
		// One more call: the suspended orders could have shown the invalid ones.
		{"all flags", all, []string{"suspended", "suspended invalid", "has_billing has_customer_note hasInvoice", all}, []string{"suspended", "suspended, invalid", "hasInvoice, has_billing, has_customer_note", strings.Join(sim.Flags, ", ")}, 9 + 1 + 1 + every + 1},
		{"no order has one alone", all, []string{"has_exception has_delivery_exception"}, []string{"has_exception, has_delivery_exception"}, 9 + every},
		{"three at once, of six in doubt", all, []string{"suspended invalid have_return", "has_billing", "hasInvoice"}, []string{"suspended, invalid, have_return", "hasInvoice", "has_billing"}, 9 + 2 + 1 + every},
		{
			// Orders of the open flag are among the suspended ones: one more
			// call tells so.
			"an open flag that only hidden orders have", "suspended",
			[]string{"suspended", "suspended hasInvoice"},
			[]string{"suspended"},
			9 + 1 + 1 + every + 1,
		},
		{
			"a hidden flag that only hidden orders have", "suspended hasInvoice",
			[]string{"suspended", "suspended hasInvoice"},
			[]string{"suspended", "suspended, hasInvoice"},
			9 + 1 + 1 + every + 1,
		},
		{ // the documented limit of hidden
			"three at once, of nine in doubt", all, []string{"suspended invalid have_return"}, nil, 9 + pairs,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, sim.Options{Orders: flagged(c.orders...), Hides: strings.Fields(c.hides)})
			hidden, err := n.account.(*account).hidden(context.Background(), until)
			if err != nil {
				t.Fatal(err)
			}
			got, want := map[string]bool{}, map[string]bool{}
			for _, h := range hidden {
				got[h.String()] = true
			}
			for _, w := range c.want {
				want[w] = true
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("hidden %v, want %v", got, want)
			}
			if n.vendor.Requests() != c.calls {
				t.Errorf("%d calls, want %d", n.vendor.Requests(), c.calls)
			}
		})
	}
}

// TestHiddenAtRandom: whichever flags the vendor hides and whichever the orders
// have, every order is read, once where totals are stated truly. Each order
// has a neighbour with one flag less, so that no order has several flags where
// none has one.
func TestHiddenAtRandom(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		subset := func(most int) []string {
			var list []string
			for _, i := range r.Perm(len(sim.Flags))[:r.IntN(most+1)] {
				list = append(list, sim.Flags[i])
			}
			return list
		}
		var texts []string
		for range 12 {
			set := subset(5)
			for i := range set {
				texts = append(texts, strings.Join(set[:i+1], " "))
			}
		}
		o := sim.Options{Orders: flagged(texts...), Hides: subset(9)}
		n := start(t, o)
		got, err := extracttest.TryFetch(context.Background(), n.account, extract.Plan{Until: until})
		if err != nil {
			t.Fatal(err)
		}
		seen := ids(got, "orders")
		for _, order := range o.Orders {
			if seen[order.ID] != 1 {
				t.Errorf("seed %d: order %s with %v was read %d times; the vendor hides %v", seed, order.ID, order.Flags, seen[order.ID], o.Hides)
			}
		}
		if len(got.Findings) > 0 {
			t.Errorf("findings %v", got.Findings)
		}
	}
}

// TestHiddenIsFoundOnce: the sweep of the same night does not find out anew
// which orders are hidden, unless a day differs: then an order that was hidden
// in between must not seem deleted.
func TestHiddenIsFoundOnce(t *testing.T) {
	list := []sim.Order{bookedAt("A", "07 12:00:00", "07 12:00:01"), bookedAt("B", "07 13:00:00", "07 13:00:01")}
	n := start(t, sim.Options{Orders: list, UnsetIsFalse: true})
	sweep := func(booked int64) ([]extract.Window, int) {
		before := n.vendor.Requests()
		windows, err := n.account.Plan(context.Background(), extract.Plan{Until: until, State: extract.State{Due: []extract.Due{}, Booked: map[string]int64{"2025-03-07": booked}}})
		if err != nil {
			t.Fatal(err)
		}
		return windows, n.vendor.Requests() - before
	}
	if _, err := n.account.Plan(context.Background(), extract.Plan{Until: until}); err != nil {
		t.Fatal(err)
	}
	// 2 calls whether bounds are inclusive, 2 whether all orders have a time on
	// their platform, 1 for the day.
	if windows, calls := sweep(2); len(windows) != 0 || calls != 2+2+1 {
		t.Errorf("windows %v after %d calls", windows, calls)
	}
	list[1].Flags = []string{"suspended"}
	n.vendor.Put(list[1])
	windows, calls := sweep(2)
	// 9 and 2 calls find suspended orders, 502 no others; 2 to cut.
	if len(windows) != 2 || windows[1].Filter != "front_created,suspended=true" || calls != 2+2+1+9+2+502+2 {
		t.Errorf("windows %v after %d calls", windows, calls)
	}
}

// TestIgnoredFilters: a vendor that takes no notice of the flags in its filter
// hides nothing.
func TestIgnoredFilters(t *testing.T) {
	n := start(t, sim.Options{})
	n.vendor.Fault(func(*http.Request) *simulate.Fault {
		return &simulate.Fault{Status: 200, Body: `{"total":7,"orders":[{"id":"R0000"}]}`}
	})
	hidden, err := n.account.(*account).hidden(context.Background(), until)
	if err != nil || len(hidden) != 0 || n.vendor.Requests() != 9+9+1 {
		t.Errorf("hidden %v, %v after %d calls", hidden, err, n.vendor.Requests())
	}
}

// TestNoTotals: where the vendor states no totals, a combination is read if an
// order has it, and no other.
func TestNoTotals(t *testing.T) {
	n := start(t, sim.Options{Orders: flagged("suspended", "suspended invalid"), Hides: []string{"suspended"}})
	n.untotalled = true
	hidden, err := n.account.(*account).hidden(context.Background(), until)
	if err != nil || fmt.Sprint(hidden) != "[suspended suspended, invalid]" {
		t.Errorf("hidden %v, %v", hidden, err)
	}
}
