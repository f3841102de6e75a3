package soms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// way is one of the ways in which a vendor may be. right are the outcomes that are
// true of it, by question; any other that is not open is wrong.
type way struct {
	name  string
	set   func(o *sim.Options)
	total func(total, rows, page int) string
	size  func(asked int) int
	lines []string // of the account
	least int      // orders, with fewer of which it is the documented way
	right map[string][]string
	says  map[string]string // by question
	// beyond: no key makes the first night whole, or cuts it where it must be.
	beyond bool
	saves  string // keys that the probe sets for it, without which nights lose orders or fail
}

// axis are ways that exclude each other, the documented one first.
type axis []way

func right(pairs ...string) map[string][]string {
	r := map[string][]string{}
	for _, p := range pairs {
		question, outcomes, _ := strings.Cut(p, ": ")
		r[question] = strings.Split(outcomes, " ")
	}
	return r
}

var china, utc = sim.Zone, time.UTC

// axes are all that the document leaves open and the probe asks for.
var axes = []axis{
	{
		{name: "first page 0", right: right("first_page: as_taken")},
		{name: "first page 1, below it nothing", saves: "first_page: 1", set: func(o *sim.Options) { o.FromOne, o.Paging.Zero = true, "empty" }, right: right("first_page: other")},
		{name: "first page 1, below it the same", saves: "first_page: 1", set: func(o *sim.Options) { o.FromOne, o.Paging.Zero = true, "first" }, right: right("first_page: other")},
		{name: "first page 1, below it a refusal", saves: "first_page: 1", set: func(o *sim.Options) { o.FromOne = true }, right: right("first_page: other")},
		{name: "one page for all", beyond: true, set: func(o *sim.Options) { o.Paging.Single = true }, right: right("first_page: unclear")},
	},
	{
		{name: "whole pages", right: right("page_size: honoured", "joins: joined")},
		{name: "capped pages", set: func(o *sim.Options) { o.Paging.Most = 7 }, right: right("page_size: capped", "joins: joined")},
		{name: "capped pages with gaps", saves: "page_size: 7", set: func(o *sim.Options) { o.Paging.Most, o.Paging.ByAsked = 7, true }, right: right("page_size: capped", "joins: gap")},
		{name: "larger pages", size: func(int) int { return 15 }, right: right("page_size: ignored", "joins: joined")},
	},
	{
		{name: "no cap", right: right("search_cap: more", "counts_to: end")},
		{name: "the cap that is set", set: func(o *sim.Options) { o.SearchCap = 40 }, right: right("search_cap: as_set", "counts_to: end")},
		{name: "a lower cap", saves: "max_window_rows: 20", set: func(o *sim.Options) { o.SearchCap = 20 }, right: right("search_cap: lower", "counts_to: end"), says: map[string]string{"search_cap": "20, and not 40: the page behind them is refused with code 500"}},
		{name: "a lower cap, empty beyond", saves: "max_window_rows: 20", set: func(o *sim.Options) { o.SearchCap, o.EmptyBeyond = 20, true }, right: right("search_cap: lower", "counts_to: end")},
		{name: "counts further than it answers", saves: "max_window_rows: 20", set: func(o *sim.Options) { o.SearchCap, o.CountsTo = 20, 30 }, least: 35, right: right("search_cap: lower", "counts_to: capped")},
		{name: "counts to a cap", saves: "max_window_rows: 20", set: func(o *sim.Options) { o.CountsTo = 20 }, least: 25, right: right("search_cap: enough", "counts_to: capped")},
	},
	{
		{name: "total of all", right: right("total: all")},
		{name: "total of the page", beyond: true, total: func(_, rows, _ int) string { return fmt.Sprint(rows) }, right: right("total: page")},
		{name: "no total", beyond: true, total: func(int, int, int) string { return "" }, right: right("total: none")},
	},
	{
		{name: "whole orders", right: right("parts: whole"), says: map[string]string{
			"platforms": "of 20 orders: meituan (20)", "payment_methods": "wx 微信 (20)", "carriers": "guoxiaodi (20)",
		}},
		{name: "no parts", set: func(o *sim.Options) { o.HideItems = true }, right: right("parts: by_id")},
		{name: "no payments and discounts", saves: "by_id: true", set: func(o *sim.Options) { o.Omits = []string{"paymentDetails", "prom"} }, right: right("parts: some_by_id")},
	},
	{
		{name: "UTC+8", right: right("zone: fits", "lateness: prompt")},
		{name: "UTC", set: func(o *sim.Options) { o.Zone = utc }, right: right("zone: behind", "lateness: zone_first")},
		{name: "UTC+8, two hours late", beyond: true, set: func(o *sim.Options) { o.IndexLag = 2 * time.Hour }, right: right("zone: old", "lateness: late")},
		{name: "UTC, two hours late", beyond: true, set: func(o *sim.Options) { o.Zone, o.IndexLag = utc, 2*time.Hour }, right: right("zone: old", "lateness: late")},
		{name: "UTC+8, the account in UTC", lines: []string{"timezone: UTC"}, right: right("zone: ahead", "lateness: zone_first"), says: map[string]string{"zone": "2025-03-10 01:57:30, would lie 7h58m in the future; Asia/Shanghai fits"}},
		{name: "UTC, and so the account", set: func(o *sim.Options) { o.Zone = utc }, lines: []string{"timezone: UTC"}, right: right("zone: fits", "lateness: prompt")},
	},
	{
		{name: "index heeded", right: right("index: heeded")},
		{name: "index ignored", set: func(o *sim.Options) { o.Ignores = append(o.Ignores, changeIndexed) }, right: right("index: ignored")},
		{name: "index refused", saves: "index: false", set: func(o *sim.Options) { o.Refuses = append(o.Refuses, changeIndexed) }, right: right("index: refused")},
	},
	{
		{name: "refund_state heeded", right: right("refund_state: honoured")},
		{name: "refund_state ignored", saves: "refunds: false", set: func(o *sim.Options) { o.Ignores = append(o.Ignores, "refund_state") }, right: right("refund_state: ignored")},
		{name: "refund_state refused", saves: "refunds: false", set: func(o *sim.Options) { o.Refuses = append(o.Refuses, "refund_state") }, right: right("refund_state: refused")},
	},
	{
		{name: "inclusive", right: right("bounds: inclusive", "precision: second")},
		{name: "exclusive end", set: func(o *sim.Options) { o.ExclusiveEnd = true }, right: right("bounds: end_exclusive", "precision: second")},
		{name: "exclusive start", set: func(o *sim.Options) { o.ExclusiveStart = true }, right: right("bounds: start_exclusive", "precision: second")},
		{name: "exclusive", set: func(o *sim.Options) { o.ExclusiveStart, o.ExclusiveEnd = true, true }, right: right("bounds: exclusive", "precision: second")},
		{name: "to the minute", set: func(o *sim.Options) { o.CoarseBounds = true }, right: right("bounds: loose", "precision: coarser")},
		{name: "no bounds of changes", beyond: true, set: func(o *sim.Options) { o.Ignores = append(o.Ignores, "modified") }, right: right("bounds: loose", "precision: coarser", "lateness: prompt late", "zone: fits behind ahead")},
	},
	{
		{name: "sorted", right: right("sort: fits", "ties: stable", "order: stable")},
		{name: "not sorted", beyond: true, set: func(o *sim.Options) { o.IgnoresSort = true }, right: right("sort: ignored", "ties: stable", "order: stable")},
		{name: "ties in any order", beyond: true, set: func(o *sim.Options) { o.UnstableTies = true }, right: right("ties: unstable stable", "sort: fits", "order: moves stable"), says: map[string]string{"ties": "they changed places"}},
	},
	{
		{name: "empty beyond the end"},
		{name: "the last page again", beyond: true, set: func(o *sim.Options) { o.Paging.Repeats = true }, right: right("joins: overlap")},
	},
	{
		{name: "asked from 0"},
		{name: askedFromOne, saves: "first_page: 0", lines: []string{"first_page: 1"}},
	},
	{
		{name: "no flag hides", right: right("hidden: shown")},
		{name: "two flags hide", set: func(o *sim.Options) { o.Hides = []string{"suspended", "has_billing"} }, right: right("hidden: hidden"), says: map[string]string{"hidden": "left out: suspended, has_billing; answered all the same: invalid, have_return, has_exception"}},
		{name: "all flags hide", set: func(o *sim.Options) { o.UnsetIsFalse = true }, right: right("hidden: hidden")},
		{name: "flags do nothing", set: func(o *sim.Options) { o.Ignores = append(o.Ignores, sim.Flags...) }, right: right("hidden: shown")},
	},
}

// askedFromOne is the way of an account that takes the first page for number 1.
const askedFromOne = "asked from 1"

// always is what is the same of all vendors.
var always = right("platforms: seen", "payment_methods: seen", "carriers: seen")

// somebody is who no answer may name.
var somebody = []string{"王小明", "13800000000"}

// stock is n orders, one every 70 minutes up to some minutes before until, with one
// order for each flag, two of one second and two of one minute among the first.
func stock(n int, zone *time.Location) []sim.Order {
	list := make([]sim.Order, n)
	for i := range list {
		at := until.Add(-3*time.Minute - time.Duration(n-1-i)*70*time.Minute).Truncate(time.Minute)
		switch i {
		case 5:
			at = at.Add(-70 * time.Minute) // the second of order 4
		case 9:
			at = at.Add(-70*time.Minute + 20*time.Second) // the minute of order 8
		}
		o := plainOrder(fmt.Sprintf("R%04d", i))
		o.Creator, o.SellerNote, o.Delivery.Remark = somebody[0], strings.Join(somebody, " "), somebody[1]
		o.Created, o.Modified = at.In(zone).Format(time.DateTime), at.Add(30*time.Second).In(zone).Format(time.DateTime)
		if i%7 == 3 {
			o.RefundState = "refunded"
		}
		if i >= 10 && i < 10+len(sim.Flags) {
			o.Flags = []string{sim.Flags[i-10]}
		}
		list[i] = o
	}
	return list
}

// tenant is a vendor of chosen ways.
type tenant struct {
	o     sim.Options
	lines []string
	ways  []way
	n     int
}

func tenantOf(n int, ways ...way) *tenant {
	v := &tenant{ways: ways, n: n, lines: []string{"page_size: 10", "max_window_rows: 40"}}
	for _, w := range ways {
		if w.set != nil {
			w.set(&v.o)
		}
		v.lines = append(v.lines, w.lines...)
	}
	if v.o.Zone == nil {
		v.o.Zone = china
	}
	v.o.Orders = stock(n, v.o.Zone)
	v.o.Username, v.o.Password, v.o.Now = "nightaudit", "secret", func() time.Time { return until }
	return v
}

// vendor is a simulator of it.
func (v *tenant) vendor() *sim.Vendor {
	s := sim.New(v.o)
	var size func(asked int) int
	var total func(total, rows, page int) string
	for _, w := range v.ways {
		if w.total != nil {
			total = w.total
		}
		if w.size != nil {
			size = w.size
		}
	}
	s.Depart(size, total)
	return s
}

// tenantLines are the keys that every account here has.
const tenantLines = "tenant_id: \"8560\"\nauth: {kind: basic, username: nightaudit, password: secret}\n"

// prober asks the vendors of these tests.
var prober = extracttest.Probe{Driver: Driver(), Env: extract.Env{
	Now: func() time.Time { return until }, HTTP: extract.HTTPLimits{Retries: 1},
}}

// ask probes a vendor, with most calls at most.
func ask(t *testing.T, s *sim.Vendor, most int, lines ...string) *extracttest.Probed {
	t.Helper()
	prober.Config = tenantLines + strings.Join(lines, "\n")
	found := prober.Ask(t, s, most)
	if found.Calls != s.Requests() || found.Calls > most {
		t.Errorf("%d calls, %d at the vendor, want %d at most", found.Calls, s.Requests(), most)
	}
	found.Hides(t, somebody...)
	return found
}

// right are the outcomes that are true of the vendor, by question.
func (v *tenant) right() map[string][]string {
	want := maps.Clone(always)
	for i, w := range v.ways {
		if v.n < w.least {
			w = axes[i][0]
		}
		for question, outcomes := range w.right {
			want[question] = slices.Concat(want[question], outcomes)
		}
	}
	if !v.o.FromOne && slices.Contains(want["page_size"], "ignored") {
		want["first_page"] = append(want["first_page"], "zero")
	}
	if slices.ContainsFunc(v.ways, func(w way) bool { return w.name == askedFromOne }) {
		want["first_page"][0] = map[string]string{"as_taken": "other", "other": "as_taken"}[want["first_page"][0]]
	}
	return want
}

// TestProbe: of a vendor that departs in one thing from the plainest reading of its
// document all questions are answered rightly, within 40 calls.
func TestProbe(t *testing.T) {
	for i, list := range axes {
		for _, w := range list {
			t.Run(w.name, func(t *testing.T) {
				var ways []way
				for j, other := range axes {
					ways = append(ways, other[0])
					if j == i {
						ways[j] = w
					}
				}
				v := tenantOf(60, ways...)
				s := v.vendor()
				found := ask(t, s, extracttest.ProbeCalls, v.lines...)
				about := maps.Clone(w.right)
				if w.name == "ties in any order" {
					delete(about, "order") // two readings may happen to be alike
				}
				found.Verify(t, v.right())
				for question := range about {
					found.Told(t, question, v.right()[question]...)
				}
				for question, text := range w.says {
					if a := found.Answers[question]; !strings.Contains(a.Say.EN, text) {
						t.Errorf("%s: says %q, want %q in it", question, a.Say.EN, text)
					}
				}
			})
		}
	}
	for _, c := range oddities {
		t.Run(c.name, func(t *testing.T) {
			s := c.vendor(t)
			found := ask(t, s, extracttest.ProbeCalls, "page_size: 10", "max_window_rows: 40")
			for question, outcomes := range c.tells {
				found.Told(t, question, outcomes...)
			}
		})
	}
	prober.CheckTold(t)
}
