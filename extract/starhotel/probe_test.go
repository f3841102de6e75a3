package starhotel_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

const probedConfig = "pms_id: 2\nauth: {kind: bearer, token: t0ken}\npage_size: 20"

// firstDay is that of the orders of inn.
var firstDay = time.Date(2025, 3, 1, 14, 0, 0, 0, shanghai)

// nightly is a night that asks for all of them by their days.
var nightly = extract.Plan{Since: firstDay.AddDate(0, 0, -1), Until: firstDay.AddDate(0, 3, 0)}

// inn holds n orders, three of a day, made at 14 o'clock and a minute after another.
func inn(n int) (o sim.Options, ids []string) {
	o = sim.Options{Token: "t0ken", Zone: shanghai}
	for i := range n {
		at := firstDay.AddDate(0, 0, i/3).Add(time.Duration(i%3) * time.Minute)
		o.Orders, ids = append(o.Orders, booked(int64(i+1), at)), append(ids, strconv.Itoa(i+1))
	}
	return o, ids
}

// TestProbeSaves: each vendor at which the night as it is configured is refused or loses
// orders, what it says, and what is set.
func TestProbeSaves(t *testing.T) {
	p := &extracttest.Probe{Driver: starhotel.Driver(), Config: probedConfig}
	for _, c := range []struct {
		name  string
		alter func(o *sim.Options)
		fails string
		set   string
	}{
		{"timestamps are read, else refused", func(o *sim.Options) { o.UnixDates = true }, "code 422", "date_format: unix"},
		{"timestamps are read, else nothing is found", func(o *sim.Options) { o.UnixDates, o.WrongDates = true, "empty" }, "complete with 0 of 130 orders", "date_format: unix"},
		{"pages from 0", func(o *sim.Options) { o.Paging.FromZero = true }, "orders is marked", "first_page: 0"},
		{"pages with gaps", func(o *sim.Options) { o.Paging.Most, o.Paging.ByAsked = 7, true }, "orders is marked", "page_size: 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, ids := inn(130)
			c.alter(&o)
			p.Saves(t, sim.New(o), nightly, ids, c.fails, c.set)
		})
	}
}

// TestProbeFields: what is told of bounds, of lists that are odd, and of the records.
func TestProbeFields(t *testing.T) {
	p := &extracttest.Probe{Driver: starhotel.Driver(), Config: probedConfig}
	ownTotal := func(_, rows, _ int) string { return strconv.Itoa(rows) }
	refuse := func(r *http.Request) *simulate.Fault {
		if strings.HasSuffix(r.URL.Path, "/getAccomOrderList") {
			return &simulate.Fault{Body: `{"error_code":7}`}
		}
		return nil
	}
	for _, c := range []struct {
		name       string
		n          int
		alter      func(o *sim.Options)
		set        func(v *sim.Vendor)
		told, says map[string]string // by question
	}{
		{
			name: "as documented", n: 30,
			told: map[string]string{"date_format": "as_taken", "statuses": "documented", "times": "documented", "begin_bound": "inclusive", "end_bound": "inclusive"},
			// A page of 20 orders, and one of as many accommodations.
			says: map[string]string{"statuses": "accom_status 40 ×20, checkout_status 10 ×20, order_status 110 ×20", "times": "created_at: ISO 8601 ×20"},
		},
		{name: "empty", told: map[string]string{"date_format": "empty", "accoms_paged": "few", "statuses": "few", "times": "few", "begin_bound": "few", "end_bound": "few", "sorted": "few"}},
		{name: "timestamps are read", n: 9, alter: func(o *sim.Options) { o.UnixDates = true }, told: map[string]string{"date_format": "other"}},
		{name: "timestamps are read, no orders", alter: func(o *sim.Options) { o.UnixDates = true }, told: map[string]string{"date_format": "unclear"}},
		{
			name: "days are not read", n: 9, alter: func(o *sim.Options) { o.AnyDay = true },
			told: map[string]string{"date_format": "unread", "begin_bound": "coarse", "end_bound": "coarse"},
		},
		{name: "the first day is left out", n: 30, alter: func(o *sim.Options) { o.BeginExclusive = true }, told: map[string]string{"begin_bound": "exclusive", "end_bound": "inclusive"}},
		{name: "the last day is left out", n: 30, alter: func(o *sim.Options) { o.EndExclusive = true }, told: map[string]string{"begin_bound": "inclusive", "end_bound": "exclusive"}},
		{name: "both days are left out", n: 30, alter: func(o *sim.Options) { o.BeginExclusive, o.EndExclusive = true, true }, told: map[string]string{"begin_bound": "exclusive", "end_bound": "exclusive"}},
		{name: "accommodations have no pages", n: 30, alter: func(o *sim.Options) { o.IgnorePaging = true }, told: map[string]string{"accoms_paged": "unpaged"}, says: map[string]string{"accoms_paged": "15"}},
		{name: "nor a total", n: 30, alter: func(o *sim.Options) { o.IgnorePaging = true }, set: func(v *sim.Vendor) { v.Depart(nil, ownTotal) }, told: map[string]string{"accoms_paged": "same"}},
		{name: "all fit one answer", n: 9, alter: func(o *sim.Options) { o.IgnorePaging = true }, told: map[string]string{"accoms_paged": "same"}},
		{name: "accommodations move", n: 30, alter: func(o *sim.Options) { o.Moves = true }, told: map[string]string{"accoms_paged": "unclear"}},
		{name: "accommodations are refused", n: 9, set: func(v *sim.Vendor) { v.Fault(refuse) }, told: map[string]string{"accoms_paged": "refused"}},
		{
			name: "a status that is not documented", n: 9, alter: func(o *sim.Options) { o.Orders[2].OrderStatus, o.Orders[3].Accoms[0].AccomStatus = 150, 60 },
			told: map[string]string{"statuses": "others"}, says: map[string]string{"statuses": "accom_status 60 ×1, order_status 150 ×1"},
		},
		{
			name: "local times", n: 9, alter: func(o *sim.Options) { o.Times = "wall" },
			told: map[string]string{"times": "others", "sorted": "descending"}, says: map[string]string{"times": "updated_at: yyyy-MM-dd HH:mm:ss ×9"},
		},
		{
			name: "milliseconds", n: 9, alter: func(o *sim.Options) { o.Times = "millis" },
			told: map[string]string{"times": "others"}, says: map[string]string{"times": "service_date: milliseconds ×9"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, _ := inn(c.n)
			if c.alter != nil {
				c.alter(&o)
			}
			v := sim.New(o)
			if c.set != nil {
				c.set(v)
			}
			found := p.Ask(t, v, extracttest.ProbeCalls)
			for question, outcome := range c.told {
				found.Told(t, question, outcome)
			}
			for question, text := range c.says {
				found.Says(t, question, text)
			}
		})
	}
	p.CheckTold(t)
}
