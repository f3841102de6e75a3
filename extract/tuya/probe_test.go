package tuya

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/tuya/sim"
)

const probedConfig = "page_size: 20\nproject_id: \"" + project + "\"\nauth: {kind: tuya, client_id: id, client_secret: secret}"

// hotel holds so many orders of each type, seven minutes and 13 ms apart.
func hotel(material, service int) (o sim.Options, ids []string) {
	o = options()
	for i := range material + service {
		biz := "MATERIAL"
		if i >= material {
			biz = "SERVICE"
		}
		one := order(fmt.Sprintf("N%04d", i), biz, noon.Add(time.Duration(i)*(7*time.Minute+13*time.Millisecond)))
		o.Orders, ids = append(o.Orders, one), append(ids, one.OrderID)
	}
	return o, ids
}

// nightly is a night that asks for all of it.
var nightly = extract.Plan{Until: noon.AddDate(1, 0, 0)}

// TestProbeSaves: each vendor at which the night as it is configured is refused or loses
// orders, what it says, and what is set.
func TestProbeSaves(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	for _, c := range []struct {
		name  string
		alter func(o *sim.Options)
		n     int // of MATERIAL, and 3 of SERVICE
		fails string
		set   string
	}{
		{"the query is read, else refused", func(o *sim.Options) { o.ParamsIn = "query" }, 30, "code 1109", "params_in: query"},
		{"the query is read, else nothing is found", func(o *sim.Options) { o.ParamsIn, o.Unread = "query", "empty" }, 30, "complete with 0 of 33 orders", "params_in: query"},
		{"the query is read, else anything is given", func(o *sim.Options) { o.ParamsIn, o.Unread = "query", "all" }, 30, "the vendor repeats a page", "params_in: query"},
		{"pages from 0", func(o *sim.Options) { o.Paging.FromZero = true }, 130, "orders is marked", "first_page: 0"},
		{"pages with gaps", func(o *sim.Options) { o.Paging.Most, o.Paging.ByAsked = 7, true }, 130, "orders is marked", "page_size: 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, ids := hotel(c.n, 3)
			c.alter(&o)
			p.Saves(t, sim.New(o), nightly, ids, c.fails, c.set)
		})
	}
}

// TestProbeBounds: whether orders on the bounds of a filter are answered.
func TestProbeBounds(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	for _, begin := range []bool{false, true} {
		for _, end := range []bool{false, true} {
			for _, seconds := range []bool{false, true} {
				o, _ := hotel(30, 0)
				o.BeginExclusive, o.EndExclusive, o.WholeSeconds = begin, end, seconds
				found := p.Ask(t, sim.New(o), extracttest.ProbeCalls)
				for question, exclusive := range map[string]bool{"begin_bound": begin, "end_bound": end} {
					truth := "inclusive"
					switch {
					case seconds && exclusive:
						truth = "unclear" // the order's own second is left out wherever in it the bound is
					case seconds:
						truth = "coarse"
					case exclusive:
						truth = "exclusive"
					}
					found.Told(t, question, truth)
				}
			}
		}
	}
}

// TestProbeFields: what is told of the records, the log-in and the clock.
func TestProbeFields(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	later := func(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }
	for _, c := range []struct {
		name              string
		material, service int
		alter             func(o *sim.Options)
		told, says        map[string]string // by question
	}{
		{
			name: "as documented", material: 30, service: 3,
			told: map[string]string{"types": "both", "detail": "adds", "currency": "stated", "token_life": "stated", "clock": "close"},
			// 20 + 3 orders, each with an amount and one of its line.
			says: map[string]string{"detail": "cancel_order_time, checkin_status, customer_list, finish_order_time, invoice", "currency": "CNY ×46", "token_life": "7200"},
		},
		{name: "the list names the project", material: 30, service: 3, says: map[string]string{"detail": "project_id"}},
		{name: "empty", told: map[string]string{"params_in": "empty", "types": "few", "detail": "few", "currency": "few", "begin_bound": "few", "end_bound": "few", "sorted": "few"}},
		{name: "the query is read", material: 9, alter: func(o *sim.Options) { o.ParamsIn = "query" }, told: map[string]string{"params_in": "other"}},
		{name: "the query is read, empty", alter: func(o *sim.Options) { o.ParamsIn = "query" }, told: map[string]string{"params_in": "unclear"}},
		{
			name: "the range is not read", material: 9, alter: func(o *sim.Options) { o.AnyTime = true },
			told: map[string]string{"params_in": "unread", "begin_bound": "coarse", "end_bound": "coarse", "first_page": "as_taken"},
		},
		{name: "one type", service: 9, told: map[string]string{"types": "one"}, says: map[string]string{"types": "MATERIAL"}},
		{name: "the other type", material: 9, told: map[string]string{"types": "one"}, says: map[string]string{"types": "SERVICE"}},
		{name: "types are mixed", material: 9, service: 9, alter: func(o *sim.Options) { o.AnyType = true }, told: map[string]string{"types": "mixed"}},
		{name: "a type is refused", material: 9, alter: func(o *sim.Options) { o.RefusedType = "SERVICE" }, told: map[string]string{"types": "refused"}, says: map[string]string{"types": "SERVICE"}},
		{name: "the first type is refused", service: 9, alter: func(o *sim.Options) { o.RefusedType = "MATERIAL" }, told: map[string]string{"types": "refused", "params_in": "as_taken"}, says: map[string]string{"types": "MATERIAL"}},
		{name: "a list that moves, and none of the other type", material: 130, alter: func(o *sim.Options) { o.Moves, o.Paging.Zero = true, "first" }, told: map[string]string{"types": "unclear"}},
		{name: "a plain detail", material: 9, alter: func(o *sim.Options) { o.PlainDetail = true }, told: map[string]string{"detail": "nothing"}},
		{name: "no currency", material: 9, alter: func(o *sim.Options) { o.NoCurrency = true }, told: map[string]string{"currency": "unstated"}, says: map[string]string{"currency": "18"}},
		{
			name: "some currencies", material: 9, alter: func(o *sim.Options) { o.Orders[2].Currency = ""; o.Orders[3].Currency = "USD" },
			told: map[string]string{"currency": "partly"}, says: map[string]string{"currency": "CNY ×16, USD ×1"},
		},
		{name: "no amounts", service: 9, alter: func(o *sim.Options) {
			for i := range o.Orders {
				o.Orders[i].OrderAmount, o.Orders[i].CommodityList = "", nil
			}
		}, told: map[string]string{"currency": "few"}},
		{name: "no life of the token", material: 9, alter: func(o *sim.Options) { o.ExpireKey = "none" }, told: map[string]string{"token_life": "unstated"}},
		{name: "the older name of it", material: 9, alter: func(o *sim.Options) { o.ExpireKey, o.TokenLife = "expire", time.Hour }, says: map[string]string{"token_life": "3600"}},
		{name: "a clock ahead", material: 9, alter: func(o *sim.Options) { o.Now = later(90 * time.Second) }, told: map[string]string{"clock": "ahead"}, says: map[string]string{"clock": "1m30s"}},
		{name: "a clock behind", material: 9, alter: func(o *sim.Options) { o.Now = later(-2 * time.Minute) }, told: map[string]string{"clock": "behind"}, says: map[string]string{"clock": "2m0s"}},
		{name: "no clock", material: 9, alter: func(o *sim.Options) { o.NoTime = true }, told: map[string]string{"clock": "unstated"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, _ := hotel(c.material, c.service)
			if c.alter != nil {
				c.alter(&o)
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
	t.Run("details are refused", func(t *testing.T) {
		for outcome, body := range map[string]string{"refused": `{"success":false,"code":7777}`, "unknown": `{"success":true,"result":null}`} {
			o, _ := hotel(9, 0)
			v := sim.New(o)
			v.Fault(func(r *http.Request) *simulate.Fault {
				if strings.HasSuffix(r.URL.Path, "/get") {
					return &simulate.Fault{Body: body}
				}
				return nil
			})
			p.Ask(t, v, extracttest.ProbeCalls).Told(t, "detail", outcome)
		}
	})
	p.CheckTold(t)
}
