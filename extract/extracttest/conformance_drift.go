package extracttest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// testDrift reads lists that change between any two pages. An order that the
// vendor held in the asked range from the first request to the last must have
// come, unless its window is marked: there is no silent loss.
func testDrift(t *testing.T, s Subject) {
	rounds, orders, size := 8, 300, 20
	if long() {
		rounds, orders, size = 200, 2000, 100
	}
	marked, still := 0, 0
	for seed := range rounds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			// Concurrent pages make the moment of a change depend on the
			// scheduler; most rounds can be repeated exactly.
			workers := 1
			if seed%4 == 3 {
				workers = 4
			}
			d := &drift{
				bench:   s.open(t, opening{orders: orders, pageSize: size, workers: workers}),
				dice:    rand.New(rand.NewPCG(uint64(seed), 3)),
				present: map[int]bool{}, shaken: map[string]bool{}, ever: map[string]bool{}, next: orders, pages: orders / size,
			}
			for i := range orders {
				d.present[i] = true
				d.ever[d.ID(i)] = true
			}
			if d.round(t, s, seed) {
				marked++
			} else if d.changes > 0 {
				still++
			}
		})
	}
	t.Logf("of %d rounds %d settled though the list changed while it was read, %d were marked", rounds, still, marked)
}

// drift is a vendor whose data change while they are read.
type drift struct {
	*bench
	dice *rand.Rand

	present map[int]bool    // orders in the range now
	shaken  map[string]bool // orders that were not there all the time
	ever    map[string]bool // orders that were there at any time
	next    int             // the next order to appear
	pages   int             // of the list at first
	changes int
	reads   int

	chance float64 // of a change before a request
	quiet  int     // requests after which nothing changes any more
}

func (d *drift) round(t *testing.T, s Subject, seed int) (marked bool) {
	// Changes come now and then, often or all the time; they end in the first
	// reading or in the second, or go on.
	d.chance = []float64{0.05, 0.3, 1}[seed%3]
	d.quiet = []int{d.pages / 2, d.pages + d.pages/2, 1 << 30}[seed/3%3]
	d.Before(d.before)

	c := newCollector(d.account)
	c.keysOnly = true
	// Changes up to the first answer of each pass, by the window's place.
	starts := map[int][]int{}
	c.started = func(extract.Window, int) {
		at := len(c.night.Windows) - 1
		starts[at] = append(starts[at], d.changesSoFar())
	}
	if err := c.run(t.Context(), d.Plan); err != nil {
		t.Fatal(err)
	}
	for _, stream := range s.Lists {
		if d.check(t, c.night, stream, starts) {
			marked = true
		}
	}
	return marked
}

func (d *drift) changesSoFar() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changes
}

// before changes the vendor's data before a read is answered.
func (d *drift) before(r *http.Request) {
	if !d.IsRead(r) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reads++; d.reads == 1 || d.reads > d.quiet || d.dice.Float64() >= d.chance {
		return
	}
	for range 1 + d.dice.IntN(3) {
		d.change()
	}
}

func (d *drift) change() {
	d.changes++
	kind := d.dice.IntN(3)
	if kind == 0 {
		d.Put(d.next)
		d.present[d.next] = true
		d.shaken[d.ID(d.next)], d.ever[d.ID(d.next)] = true, true
		d.next++
		return
	}
	there := slices.Sorted(maps.Keys(d.present))
	if len(there) == 0 {
		return
	}
	i := there[d.dice.IntN(len(there))]
	if kind == 1 {
		d.Delete(i)
	} else if d.Touch(i) {
		return // it is still there
	}
	delete(d.present, i)
	d.shaken[d.ID(i)] = true
}

func (d *drift) check(t *testing.T, night *Night, stream string, starts map[int][]int) (marked bool) {
	got, marked := night.keys(stream)
	now := map[string]bool{}
	steady := map[string]bool{}
	for i := range d.present {
		now[d.ID(i)] = true
		if !d.shaken[d.ID(i)] {
			steady[d.ID(i)] = true
		}
	}
	lost := lacking(steady, got)
	if !marked && len(lost) > 0 {
		t.Errorf("%s: silent loss of %d orders: %s", stream, len(lost), some(lost))
	}
	if extra := lacking(got, d.ever); len(extra) > 0 {
		t.Errorf("%s: orders that never were at the vendor: %s", stream, some(extra))
	}
	// Where nothing changed after the beginning of the last pass of the first
	// window, the vendor's set is known exactly; where nothing changed after
	// that of the second pass, the list must have settled.
	first, still, settles := true, false, true
	for i, w := range night.Windows {
		if w.Stream != stream || len(starts[i]) == 0 {
			continue
		}
		passes := starts[i]
		if first {
			first, still = false, passes[len(passes)-1] == d.changes
		}
		settles = settles && (passes[0] == d.changes || (len(passes) > 1 && passes[1] == d.changes))
	}
	if still && !marked {
		if missing, extra := lacking(now, got), lacking(got, now); len(missing) > 0 || len(extra) > 0 {
			t.Errorf("%s: the vendor's set is known; missing: %s; not there any more: %s", stream, some(missing), some(extra))
		}
	}
	if settles && marked {
		t.Errorf("%s: the list had come to rest and is marked all the same: %+v", stream, night.reasons())
	}
	return marked
}

func (n *Night) reasons() []string {
	var all []string
	for _, o := range n.Outcomes {
		if o.Marked() {
			all = append(all, fmt.Sprintf("%s (%d of %d)", o.Unsettled, o.Distinct, o.Total))
		}
	}
	return all
}
