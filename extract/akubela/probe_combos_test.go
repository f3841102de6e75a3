package akubela

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// hotel is a vendor of chosen ways, and the account of it.
type hotel struct {
	n     int
	pages extracttest.Pages
	o     sim.Options
	lines string // of the account
}

func pagesOf(h *hotel) *extracttest.Pages { return &h.pages }

// readLocal has the account read times as local ones.
const readLocal = "\nwall_zone: Asia/Shanghai"

// ways are all that the vendor may do of what its document leaves open, besides pages.
var ways = [][]extracttest.Way[hotel]{
	{
		{Name: "35 orders", Set: func(h *hotel) { h.n = 35 }},
		{Name: "no orders"},
		{Name: "one order", Set: func(h *hotel) { h.n = 1 }},
		{Name: "a page of orders", Set: func(h *hotel) { h.n = 10 }},
		{Name: "one more than a page", Set: func(h *hotel) { h.n = 11 }},
	},
	{
		{Name: "oldest first"},
		{Name: "newest first", Set: func(h *hotel) { h.o.NewestFirst = true }},
	},
	{
		{Name: "end_time", Set: func(h *hotel) { h.o.FinishKey = "end_time" }},
		{Name: "finish_time", Set: func(h *hotel) { h.o.FinishKey = "finish_time" }},
		{Name: "both", Set: func(h *hotel) { h.o.FinishKey = "both" }},
		{Name: "differ", Set: func(h *hotel) { h.o.FinishKey = "differ" }},
	},
	{
		{Name: "all orders are listed"},
		{Name: "old ones are not", Set: func(h *hotel) { h.o.Since = time.Date(2025, 3, 3, 0, 0, 0, 0, shanghai) }},
	},
	{
		{Name: "UTC"},
		{Name: "local times", Set: func(h *hotel) { h.o.Wall = shanghai }},
		{Name: "local times read so", Set: func(h *hotel) { h.o.Wall, h.lines = shanghai, readLocal }},
		{Name: "UTC read as local", Set: func(h *hotel) { h.lines = readLocal }},
	},
}

// TestProbeOfAnyVendor: whatever the vendor does, in everything at once.
func TestProbeOfAnyVendor(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver()}
	extracttest.Combos[hotel]{
		Ways: slices.Concat(extracttest.PagesWays(pagesOf), ways), Few: 200, Many: 6_000,
		Vendor: func(t *testing.T, h *hotel) *extracttest.Combo {
			orders, ids := arrivals(h.n)
			if !h.o.Since.IsZero() {
				ids = ids[min(6, h.n):] // three a day, and two days are past
			}
			h.o.ClientID, h.o.ClientSecret, h.o.Orders = "id", "secret", orders
			h.o.Paging, h.o.Moves = h.pages.Paging, h.pages.Moves
			v := sim.New(h.o)
			v.Depart(h.pages.Size, nil)
			p.Config = "page_size: 10\nauth: " + clientAuth + h.lines + h.pages.Lines()
			return &extracttest.Combo{
				Probe: p, Vendor: v, Right: h.right(len(ids)), Must: h.pages.Must(len(ids), 10), Mends: h.pages.Mends(len(ids)),
				Night: func(config string) error { return p.Whole(t, v, config, extract.Plan{}, ids) },
			}
		},
	}.Run(t)
}

// right is what is true of the vendor, of whose orders n are listed.
func (h *hotel) right(n int) map[string][]string {
	right := h.pages.Right(n, 10)
	maps.Copy(right, map[string][]string{"total": {"none"}, "sorted": {"ascending"}, "end_field": {h.o.FinishKey}})
	if h.o.NewestFirst {
		right["sorted"] = []string{"descending"}
	}
	if h.pages.Moves { // its end may stand before its beginning
		right["sorted"] = append(right["sorted"], "neither")
	}
	onOne := n <= 10 && (h.pages.Most == 0 || n <= extracttest.CappedPage)
	if !h.pages.Moves && (onOne || !h.pages.ByAsked && !h.pages.Single) || n == 1 {
		right["reach"] = []string{"whole"}
	}
	if (h.o.Wall != nil) == (h.lines == readLocal) {
		right["times"] = []string{"as_taken"}
	}
	return right
}
