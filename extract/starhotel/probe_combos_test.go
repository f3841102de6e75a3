package starhotel_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

// pms is a vendor of chosen ways, and the account of it.
type pms struct {
	n     int
	pages extracttest.Pages
	o     sim.Options
	sends string // date_format
	odd   bool   // an order has a status that is not documented
}

func pagesOf(v *pms) *extracttest.Pages { return &v.pages }

func with(set func(o *sim.Options)) func(v *pms) { return func(v *pms) { set(&v.o) } }

// ways are all that the vendor may do of what its document leaves open, besides pages.
var ways = [][]extracttest.Way[pms]{
	{
		{Name: "35 orders", Set: func(v *pms) { v.n = 35 }},
		{Name: "no orders"},
		{Name: "one order", Set: func(v *pms) { v.n = 1 }},
		{Name: "two orders", Set: func(v *pms) { v.n = 2 }},
		{Name: "a page of orders", Set: func(v *pms) { v.n = 10 }},
		{Name: "one more than a page", Set: func(v *pms) { v.n = 11 }},
	},
	{
		{Name: "dates are read"},
		{Name: "timestamps are read", Set: with(func(o *sim.Options) { o.UnixDates = true }), Saves: "date_format: unix"},
	},
	{
		{Name: "else refused"},
		{Name: "else nothing", Set: with(func(o *sim.Options) { o.WrongDates = "empty" })},
		{Name: "else anything", Set: with(func(o *sim.Options) { o.WrongDates = "all" })},
	},
	{
		{Name: "sent as dates", Set: func(v *pms) { v.sends = "date" }},
		{Name: "sent as timestamps", Set: func(v *pms) { v.sends = "unix" }, Saves: "date_format: date"},
	},
	{
		{Name: "newest first"},
		{Name: "oldest first", Set: with(func(o *sim.Options) { o.OldestFirst = true })},
	},
	{
		{Name: "inclusive"},
		{Name: "exclusive beginning", Set: with(func(o *sim.Options) { o.BeginExclusive = true })},
		{Name: "exclusive end", Set: with(func(o *sim.Options) { o.EndExclusive = true })},
		{Name: "exclusive", Set: with(func(o *sim.Options) { o.BeginExclusive, o.EndExclusive = true, true })},
		{Name: "whatever day is asked for", Set: with(func(o *sim.Options) { o.AnyDay = true })},
	},
	{
		{Name: "days of the hotel"},
		{Name: "days of UTC", Set: with(func(o *sim.Options) { o.Zone = time.UTC })},
	},
	{
		{Name: "accommodations in pages"},
		{Name: "accommodations without pages", Set: with(func(o *sim.Options) { o.IgnorePaging = true })},
	},
	{
		{Name: "times as documented"},
		{Name: "local times", Set: with(func(o *sim.Options) { o.Times = "wall" })},
		{Name: "milliseconds", Set: with(func(o *sim.Options) { o.Times = "millis" })},
	},
	{
		{Name: "documented statuses"},
		{Name: "another status", Set: func(v *pms) { v.odd = true }},
	},
	{
		{Name: "amounts are texts"},
		{Name: "amounts are numbers", Set: with(func(o *sim.Options) { o.NumericMoney = true })},
	},
	{
		{Name: "an empty list is an empty list"},
		{Name: "an empty list is an array", Set: with(func(o *sim.Options) { o.EmptyDataArray = true })},
	},
}

// TestProbeOfAnyVendor: whatever the vendor does, in everything at once.
func TestProbeOfAnyVendor(t *testing.T) {
	p := &extracttest.Probe{Driver: starhotel.Driver()}
	extracttest.Combos[pms]{
		Ways: slices.Concat(extracttest.PagesWays(pagesOf), [][]extracttest.Way[pms]{extracttest.TotalWays(pagesOf)}, ways),
		Few:  150, Many: 2_000,
		Vendor: func(t *testing.T, v *pms) *extracttest.Combo {
			o, ids := inn(v.n)
			if v.odd && v.n > 0 {
				o.Orders[0].OrderStatus = 150
			}
			v.o.Token, v.o.Orders, v.o.Paging, v.o.Moves = o.Token, o.Orders, v.pages.Paging, v.pages.Moves
			if v.o.Zone == nil {
				v.o.Zone = o.Zone
			}
			s := sim.New(v.o)
			s.Depart(v.pages.Size, v.pages.State)
			p.Config = "pms_id: 2\nauth: {kind: bearer, token: t0ken}\npage_size: 10\ndate_format: " + v.sends + v.pages.Lines()
			return &extracttest.Combo{
				Probe: p, Vendor: s, Right: v.right(), Must: v.must(), Mends: v.mends(),
				Night: func(config string) error { return p.Whole(t, s, config, nightly, ids) },
			}
		},
	}.Run(t)
}

// right is what is true of the vendor.
func (v *pms) right() map[string][]string {
	right := v.pages.Right(v.n, 10)
	maps.Copy(right, map[string][]string{
		"date_format": {"as_taken"}, "sorted": {"descending"}, "accoms_paged": {"paged"}, "times": {"documented"}, "statuses": {"documented"},
		"begin_bound": {v.bound(v.o.BeginExclusive, "coarse", "inclusive")}, "end_bound": {v.bound(v.o.EndExclusive, "exclusive", "")},
	})
	for question, other := range map[string]map[string]bool{
		"date_format": {"other": v.o.UnixDates != (v.sends == "unix")}, "sorted": {"ascending": v.o.OldestFirst},
		"accoms_paged": {"unpaged": v.o.IgnorePaging || v.pages.Single}, "times": {"others": v.o.Times != ""},
	} {
		for outcome, is := range other {
			if is {
				right[question] = []string{outcome}
			}
		}
	}
	if v.pages.Moves { // its end may stand before its beginning
		right["sorted"] = append(right["sorted"], "neither")
	}
	if v.odd { // on the first page, or not
		right["statuses"] = append(right["statuses"], "others")
	}
	return right
}

// bound is what a bound is, exclusive or not. Of a vendor that takes timestamps for days
// of UTC each day begins in the one before: then it is what early and late have of it.
func (v *pms) bound(exclusive bool, early, late string) string {
	shifted := v.o.UnixDates && v.o.Zone == time.UTC
	switch {
	case v.o.AnyDay:
		return "coarse"
	case shifted && exclusive:
		return late
	case shifted:
		return early
	case exclusive:
		return "exclusive"
	}
	return "inclusive"
}

// must are the questions for which there is enough to see.
func (v *pms) must() []string {
	all := v.pages.Must(v.n, 10)
	if all != nil && !v.o.AnyDay {
		all = append(all, "date_format", "statuses", "times")
	}
	return all
}

// mends reports whether it can be told what a night needs. A list without pages is cut
// by days, which needs a total of more than an answer.
func (v *pms) mends() bool {
	cut := v.n > 15 && v.pages.Total == ""
	told := v.n > 0 || v.o.UnixDates == (v.sends == "unix")
	return told && v.pages.Mends(v.n) && !v.o.AnyDay && (!v.o.IgnorePaging || cut)
}
