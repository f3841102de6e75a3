package akubela

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

const probedConfig = "page_size: 20\nauth: " + clientAuth

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// arrivals are n orders, three of a day, in the order of their arrivals: between 12 and
// 14, 16 and 18, 20 and 22 o'clock in Shanghai.
func arrivals(n int) (orders []sim.Order, ids []string) {
	for i := range n {
		o := order(fmt.Sprintf("orx%04d", i))
		at := time.Date(2025, 3, 1+i/3, 12+i%3*4+i/3%3, 30, 0, 0, shanghai)
		o.StartTime, o.EndTime = sim.UTC(at), sim.UTC(at.Add(20*time.Hour))
		o.OrderNumber = fmt.Sprintf("2025030100000000%04d", i)
		orders, ids = append(orders, o), append(ids, o.OrderID)
	}
	return orders, ids
}

// TestProbeSaves: each way of paging under which the night as it is configured loses
// orders, most of them in silence, and what it says with the keys that were told.
func TestProbeSaves(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	for _, c := range []struct {
		name   string
		paging simulate.Paging
		n      int
		loses  string
		set    string
	}{
		{"pages from 0", simulate.Paging{FromZero: true}, 130, "complete with 110 of 130 orders", "first_page: 0"},
		{"one page, numbered 0", simulate.Paging{FromZero: true}, 7, "complete with 0 of 7 orders", "first_page: 0"},
		// Of each 20 orders 7 come: 6×7, and of the last 10 again 7.
		{"pages with gaps", simulate.Paging{Most: 7, ByAsked: true}, 130, "complete with 49 of 130 orders", "page_size: 7"},
		{"both", simulate.Paging{FromZero: true, Most: 7, ByAsked: true}, 130, "complete with 42 of 130 orders", "first_page: 0\npage_size: 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			orders, ids := arrivals(c.n)
			o := options(orders...)
			o.Paging = c.paging
			p.Saves(t, sim.New(o), extract.Plan{}, ids, c.loses, c.set)
		})
	}
}

// TestProbeFields: what is told of the records.
func TestProbeFields(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	cut := time.Date(2025, 3, 11, 0, 0, 0, 0, shanghai)
	all, _ := arrivals(130)
	mixed := append([]sim.Order{}, all[:30]...)
	for i := range 10 {
		mixed[3*i].EndTime = ""
	}
	odd := append([]sim.Order{}, all[:60]...)
	for i := range odd {
		odd[i].StartTime = "2025-03-01 02:00:00" // 10 in Shanghai
	}
	utc := probedConfig + "\ntimezone: Etc/UTC"
	for _, c := range []struct {
		name   string
		config string
		change func(o *sim.Options)
		told   map[string]string // by question
		says   map[string]string
	}{
		{name: "as in the examples", told: map[string]string{"end_field": "end_time", "times": "as_taken", "reach": "whole", "sorted": "ascending"}},
		{name: "no orders", change: func(o *sim.Options) { o.Orders = nil }, told: map[string]string{"end_field": "few", "times": "few", "reach": "few", "sorted": "few"}},
		{name: "as in the tables", change: func(o *sim.Options) { o.FinishKey = "finish_time" }, told: map[string]string{"end_field": "finish_time"}},
		{name: "both", change: func(o *sim.Options) { o.FinishKey = "both" }, told: map[string]string{"end_field": "both"}},
		{
			name: "both, a day apart", change: func(o *sim.Options) { o.FinishKey, o.Orders = "differ", all[:15] },
			told: map[string]string{"end_field": "differ"}, says: map[string]string{"end_field": "15"},
		},
		{
			// The first page has 20 of the 30 orders, 7 of the 10 without an end among them.
			name: "some without an end", change: func(o *sim.Options) { o.Orders = mixed },
			told: map[string]string{"end_field": "mixed"}, says: map[string]string{"end_field": "7"},
		},
		{
			// 30 of the 130 arrived before 11 March.
			name: "old orders are not listed", change: func(o *sim.Options) { o.Since = cut },
			told: map[string]string{"reach": "whole"}, says: map[string]string{"reach": "100"},
		},
		{
			name: "local times", change: func(o *sim.Options) { o.Wall = shanghai },
			told: map[string]string{"times": "other"}, says: map[string]string{"times": "Asia/Shanghai"},
		},
		{name: "local times that are few", change: func(o *sim.Options) { o.Wall, o.Orders = shanghai, all[:29] }, told: map[string]string{"times": "few"}},
		{name: "arrivals at 10", change: func(o *sim.Options) { o.Orders = odd }, told: map[string]string{"times": "as_taken", "sorted": "ascending"}, says: map[string]string{"sorted": "order_number"}},
		{
			name: "arrivals at 10, local", change: func(o *sim.Options) { o.Orders, o.Wall = odd, shanghai }, // 18 as they are read
			told: map[string]string{"times": "unclear"}, says: map[string]string{"times": "18 ×60"},
		},
		{name: "a hotel on UTC", config: utc, told: map[string]string{"times": "same"}},
		{
			name: "local times that are read so", config: probedConfig + "\nwall_zone: Asia/Shanghai", change: func(o *sim.Options) { o.Wall = shanghai },
			told: map[string]string{"times": "as_taken"},
		},
		{name: "UTC that is read as local", config: probedConfig + "\nwall_zone: Asia/Shanghai", told: map[string]string{"times": "other"}, says: map[string]string{"times": "UTC"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(all...)
			if c.change != nil {
				c.change(&o)
			}
			p.Config = probedConfig
			if c.config != "" {
				p.Config = c.config
			}
			found := p.Ask(t, sim.New(o), extracttest.ProbeCalls)
			for question, outcome := range c.told {
				found.Told(t, question, outcome)
			}
			for question, text := range c.says {
				found.Says(t, question, text)
			}
		})
	}
	t.Run("few calls", func(t *testing.T) { // a log-in, five for the pages, and two more
		p.Config = probedConfig
		found := p.Ask(t, sim.New(options(all...)), 8)
		found.Told(t, "reach", "part")
		if found.Calls > 8 {
			t.Errorf("%d calls, want 8 at most", found.Calls)
		}
	})
	p.CheckTold(t)
}

// Times of a vendor that writes local time are right once wall_zone says so.
func TestWallZone(t *testing.T) {
	for _, c := range []struct{ config, at string }{
		{probedConfig, "2025-08-06T11:00:03Z"},
		{probedConfig + "\nwall_zone: Asia/Shanghai", "2025-08-06T03:00:03Z"},
	} {
		o := options(order("o1"))
		o.Wall = shanghai
		n := extracttest.Collect(t, t.Context(), start(t, sim.New(o), clientAuth, strings.TrimPrefix(strings.ReplaceAll(c.config, "auth: "+clientAuth, ""), "\n")), extract.Plan{Until: time.Now()})
		if row := n.Row(t, "stays", nil); row["arrival_at"] != c.at {
			t.Errorf("an arrival at 03:00:03 UTC, written as 11:00:03, is read as %s, want %s", row["arrival_at"], c.at)
		}
	}
	_, err := extracttest.TryOpen(Driver(), "account: a\nbase_url: https://a.example\nwall_zone: Shanghai\n"+"auth: "+clientAuth, extract.Env{})
	if err == nil || !strings.Contains(err.Error(), "wall_zone is no time zone") {
		t.Errorf("error %v, want one of wall_zone", err)
	}
}
