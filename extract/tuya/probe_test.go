package tuya

import (
	"fmt"
	"net/http"
	"strconv"
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

// TestProbeParameters: where the vendor reads parameters is told for every vendor of
// which it can be, and with that the night is whole.
func TestProbeParameters(t *testing.T) {
	for _, taken := range []string{"body", "query"} {
		for _, read := range []string{"body", "query", "both"} {
			for _, unread := range []string{"", "empty", "all"} {
				for _, orders := range [][2]int{{0, 0}, {1, 0}, {0, 2}, {3, 1}, {25, 30}} {
					for _, fromZero := range []bool{false, true} {
						o, ids := hotel(orders[0], orders[1])
						o.ParamsIn, o.Unread, o.Paging.FromZero = read, unread, fromZero
						t.Run(fmt.Sprintf("%s at a vendor of %s, else %q, %v from 0 %v", taken, read, unread, orders, fromZero), func(t *testing.T) {
							p := &extracttest.Probe{Driver: Driver(), Config: probedConfig + "\nparams_in: " + taken}
							v := sim.New(o)
							found := p.Ask(t, v, extracttest.ProbeCalls)
							truth := "as_taken"
							if read != taken && read != "both" {
								truth = "other"
							}
							found.Right(t, "params_in", truth)
							if len(ids) < 2+orders[0]%2 { // an order by itself need not be on page 1
								return
							}
							found.Told(t, "params_in", truth)
							if err := p.Whole(t, v, found.Config(), nightly, ids); err != nil {
								t.Errorf("with what was told: %v", err)
							}
						})
					}
				}
			}
		}
	}
}

// TestProbePages: what is told of the list is right, whatever the vendor does; and with
// what is told the night is whole.
func TestProbePages(t *testing.T) {
	p := &extracttest.Probe{Driver: Driver(), Config: probedConfig}
	totals := map[string]func(total, rows, page int) string{
		"all": nil, "page": func(_, rows, _ int) string { return strconv.Itoa(rows) }, "none": func(int, int, int) string { return "" },
	}
	for _, n := range []int{20, 130} {
		for _, paging := range pagings() {
			for _, order := range []string{"newest first", "oldest first", "moves"} {
				for total, state := range totals {
					if order != "newest first" && total != "all" {
						continue // they have nothing to do with each other
					}
					o, ids := hotel(n, 3)
					o.Paging, o.OldestFirst, o.Moves = paging, order == "oldest first", order == "moves"
					t.Run(fmt.Sprintf("%d %+v %s total %s", n, paging, order, total), func(t *testing.T) {
						v := sim.New(o)
						v.Depart(nil, state)
						found := p.Ask(t, v, extracttest.ProbeCalls)
						found.Right(t, "total", total)
						verifyPages(t, found, &o, n)
						if o.Moves || paging.Single || paging.Repeats || total == "page" {
							return // no configuration helps
						}
						if err := p.Whole(t, v, found.Config(), nightly, ids); err != nil {
							t.Errorf("with what was told: %v", err)
						}
					})
				}
			}
		}
	}
}

// pagings are the ways in which the document lets pages be numbered and cut.
func pagings() (all []simulate.Paging) {
	for _, p := range []simulate.Paging{{}, {Zero: "first"}, {Zero: "empty"}, {FromZero: true}, {Single: true}} {
		for _, repeats := range []bool{false, true} {
			p.Repeats = repeats
			p.Most, p.ByAsked = 0, false
			all = append(all, p)
			p.Most = 7
			all = append(all, p)
			p.ByAsked = true
			all = append(all, p)
		}
	}
	return all
}

func verifyPages(t *testing.T, found *extracttest.Probed, o *sim.Options, n int) {
	t.Helper()
	first, size, joins, order := "as_taken", "honoured", "joined", "stable"
	if o.Paging.FromZero {
		first = "other"
	}
	if o.Paging.Most > 0 {
		size = "capped"
		if o.Paging.ByAsked {
			joins = "gap"
		}
	}
	if o.Moves {
		order = "moves"
	}
	found.Right(t, "first_page", first)
	found.Right(t, "page_size", size)
	found.Right(t, "order", order)
	if o.Moves || o.Paging.Single {
		return // pages overlap
	}
	found.Right(t, "joins", joins)
	found.Right(t, "sorted", map[bool]string{false: "descending", true: "ascending"}[o.OldestFirst])
	found.Right(t, "types", "both")
	found.Right(t, "begin_bound", "inclusive")
	found.Right(t, "end_bound", "inclusive")
	if n == 130 { // there is enough to see
		found.Told(t, "first_page", first)
		found.Told(t, "page_size", size)
		found.Told(t, "joins", joins)
	}
}

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
