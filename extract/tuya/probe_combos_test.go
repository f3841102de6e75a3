package tuya

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// tenant is a vendor of chosen ways, and the account of it.
type tenant struct {
	material, service int // orders
	pages             extracttest.Pages
	o                 sim.Options
	late              time.Duration // of the vendor's clock
	sends             string        // params_in
}

func pagesOf(v *tenant) *extracttest.Pages { return &v.pages }

func holding(material, service int) func(v *tenant) {
	return func(v *tenant) { v.material, v.service = material, service }
}

func with(set func(o *sim.Options)) func(v *tenant) { return func(v *tenant) { set(&v.o) } }

// ways are all that the vendor may do of what its document leaves open, besides pages.
var ways = [][]extracttest.Way[tenant]{
	{
		{Name: "many of one type", Set: holding(35, 3)},
		{Name: "no orders"},
		{Name: "one order", Set: holding(1, 0)},
		{Name: "two of the second type", Set: holding(0, 2)},
		{Name: "some of both", Set: holding(3, 1)},
		{Name: "more than a page of both", Set: holding(11, 12)},
	},
	{
		{Name: "the body is read", Set: with(func(o *sim.Options) { o.ParamsIn = "body" })},
		{Name: "the query is read", Set: with(func(o *sim.Options) { o.ParamsIn = "query" }), Saves: "params_in: query"},
		{Name: "both are read", Set: with(func(o *sim.Options) { o.ParamsIn = "both" })},
	},
	{
		{Name: "else refused"},
		{Name: "else nothing", Set: with(func(o *sim.Options) { o.Unread = "empty" })},
		{Name: "else anything", Set: with(func(o *sim.Options) { o.Unread = "all" })},
	},
	{
		{Name: "sent in the body", Set: func(v *tenant) { v.sends = "body" }},
		{Name: "sent in the query", Set: func(v *tenant) { v.sends = "query" }, Saves: "params_in: body"},
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
	},
	{
		{Name: "to the millisecond"},
		{Name: "to the second", Set: with(func(o *sim.Options) { o.WholeSeconds = true })},
		{Name: "whatever time is asked for", Set: with(func(o *sim.Options) { o.AnyTime = true })},
	},
	{
		{Name: "types apart"},
		{Name: "types mixed", Set: with(func(o *sim.Options) { o.AnyType = true })},
		{Name: "MATERIAL refused", Set: with(func(o *sim.Options) { o.RefusedType = "MATERIAL" })},
		{Name: "SERVICE refused", Set: with(func(o *sim.Options) { o.RefusedType = "SERVICE" })},
	},
	{
		{Name: "currencies"},
		{Name: "no currency", Set: with(func(o *sim.Options) { o.NoCurrency = true })},
	},
	{
		{Name: "details that add"},
		{Name: "plain details", Set: with(func(o *sim.Options) { o.PlainDetail = true })},
	},
	{
		{Name: "a clock that agrees"},
		{Name: "no clock", Set: with(func(o *sim.Options) { o.NoTime = true })},
		{Name: "a clock ahead", Set: func(v *tenant) { v.late = -2 * time.Minute }},
		{Name: "a clock behind", Set: func(v *tenant) { v.late = 2 * time.Minute }},
	},
	{
		{Name: "expire_time"},
		{Name: "expire", Set: with(func(o *sim.Options) { o.ExpireKey, o.TokenLife = "expire", time.Hour })},
		{Name: "tokens of no length", Set: with(func(o *sim.Options) { o.ExpireKey = "none" })},
	},
	{
		{Name: "no code"},
		{Name: "code null", Set: with(func(o *sim.Options) { o.NullCode = true })},
		{Name: "failures of status 400", Set: with(func(o *sim.Options) { o.FailureStatus = http.StatusBadRequest })},
		{Name: "one token at a time", Set: with(func(o *sim.Options) { o.OneToken = true })},
	},
}

// TestProbeOfAnyVendor: whatever the vendor does, in everything at once.
func TestProbeOfAnyVendor(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver()}
	extracttest.Combos[tenant]{
		Ways: slices.Concat(extracttest.PagesWays(pagesOf), [][]extracttest.Way[tenant]{extracttest.TotalWays(pagesOf)}, ways),
		Few:  200, Many: 4_000,
		Vendor: func(t *testing.T, v *tenant) *extracttest.Combo {
			o, ids := hotel(v.material, v.service)
			v.o.ClientID, v.o.ClientSecret, v.o.ProjectID, v.o.Orders = o.ClientID, o.ClientSecret, o.ProjectID, o.Orders
			v.o.Paging, v.o.Moves = v.pages.Paging, v.pages.Moves
			if v.late != 0 {
				v.o.Now = func() time.Time { return time.Now().Add(-v.late) }
			}
			s := sim.New(v.o)
			s.Depart(v.pages.Size, v.pages.State)
			p.Config = fmt.Sprintf("page_size: 10\nproject_id: %q\nauth: {kind: tuya, client_id: id, client_secret: secret}\nparams_in: %s%s", project, v.sends, v.pages.Lines())
			return &extracttest.Combo{
				Probe: p, Vendor: s, Right: v.right(), Must: v.must(), Mends: v.mends(),
				Night: func(config string) error { return p.Whole(t, s, config, nightly, ids) },
			}
		},
	}.Run(t)
}

// listed is how many orders the list of a type has.
func (v *tenant) listed(biz string) int {
	switch {
	case v.o.RefusedType == biz:
		return 0
	case v.o.AnyType:
		return v.material + v.service
	case biz == bizMaterial:
		return v.material
	}
	return v.service
}

// asked is how many orders the list has by which the vendor is asked: the first of the
// two that has any.
func (v *tenant) asked() int {
	if n := v.listed(bizMaterial); n > 0 {
		return n
	}
	return v.listed(bizService)
}

// heard reports whether the vendor reads what the account sends.
func (v *tenant) heard() bool { return v.o.ParamsIn == "both" || v.o.ParamsIn == v.sends }

// right is what is true of the vendor.
func (v *tenant) right() map[string][]string {
	right := v.pages.Right(v.asked(), 10)
	maps.Copy(right, map[string][]string{
		"params_in": {"as_taken"}, "sorted": {"descending"}, "begin_bound": {v.bound(v.o.BeginExclusive)}, "end_bound": {v.bound(v.o.EndExclusive)},
		"currency": {"stated"}, "detail": {"adds"}, "clock": {"close"}, "token_life": {"stated"},
	})
	for question, other := range map[string]map[string]bool{
		"params_in": {"other": !v.heard()}, "currency": {"unstated": v.o.NoCurrency}, "detail": {"nothing": v.o.PlainDetail},
		"clock": {"ahead": v.late < 0, "behind": v.late > 0}, "token_life": {"unstated": v.o.ExpireKey == "none"}, "sorted": {"ascending": v.o.OldestFirst},
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
	switch {
	case v.o.RefusedType != "":
	case v.o.AnyType && v.pages.Moves: // a page may show those of its own type alone
		right["types"] = []string{"mixed", "both"}
	case v.o.AnyType:
		right["types"] = []string{"mixed"}
	case v.material > 0 && v.service > 0:
		right["types"] = []string{"both"}
	default:
		right["types"] = []string{"one"}
	}
	return right
}

// bound is what a bound is that leaves out what lies on it, or does not.
func (v *tenant) bound(exclusive bool) string {
	switch {
	case v.o.AnyTime:
		return "coarse"
	case v.o.WholeSeconds && v.material+v.service == 1: // the one order is that of a whole second
	case v.o.WholeSeconds && !exclusive:
		return "coarse"
	case v.o.WholeSeconds:
		return "" // the order's own second is left out wherever in it the bound is
	}
	if exclusive {
		return "exclusive"
	}
	return "inclusive"
}

// must are the questions for which there is enough to see, where parameters are read
// and some are found not to be.
func (v *tenant) must() []string {
	all := v.pages.Must(v.asked(), 10)
	if all != nil && !v.o.AnyTime {
		all = append(all, "params_in", "detail", "currency")
	}
	return all
}

// mends reports whether it can be told what a night needs.
func (v *tenant) mends() bool {
	for _, biz := range []string{bizMaterial, bizService} {
		if v.o.RefusedType == biz || !v.pages.Mends(v.listed(biz)) {
			return false
		}
	}
	return v.heard() || !v.o.AnyTime && v.asked() > 0
}
