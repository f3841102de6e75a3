package pipeline_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// dayOfOrders are 60 orders of a day of April, of which each fifth has the flag
// suspended, in an order of ids that is none of time.
func dayOfOrders(day int) (orders []soms.Order) {
	for i := range 60 {
		at := shopTime(day-1, 10, 60*i)
		o := shopOrder(fmt.Sprintf("%02d%02d", i*37%60, day), at, at)
		o.Front.Platform = &soms.IDName{ID: "meituan"}
		if i%5 == 0 {
			o.Flags = []string{"suspended"}
		}
		orders = append(orders, o)
	}
	return orders
}

// changesOf are the breaks of the check vendor_change.
const changesOf = `SELECT severity, order_id, expected::BIGINT, actual::BIGINT, facts->>'before', facts->>'after', status
	FROM recon.breaks WHERE rule = 'vendor_change' AND status <> 'resolved'`

// A vendor that changes between two nights is found out the first night that it
// does, by name; one that stays as it was is not.
func TestVendorChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(o *soms.Options, orders []soms.Order)
		want   []string
	}{
		{"nothing", func(*soms.Options, []soms.Order) {}, nil},
		{
			"pages hold fewer", func(o *soms.Options, _ []soms.Order) { o.Paging.Most = 10 },
			[]string{"warning | orders page 20 | 20 | 10 | – | – | open"},
		},
		{
			"the sort is not heeded", func(o *soms.Options, _ []soms.Order) { o.IgnoresSort = true },
			[]string{"warning | orders order created_at | – | – | ascending | in no order | open", "warning | orders order updated_at | – | – | ascending | in no order | open"},
		},
		{"a status that no document names", func(_ *soms.Options, orders []soms.Order) {
			for i := range 3 {
				orders[7*i].State = "parked"
			}
		}, []string{"warning | orders value orders.source_status parked | – | 3 | – | – | open"}},
		{
			"a status that is documented", func(_ *soms.Options, orders []soms.Order) { orders[3].State = "canceled" },
			[]string{"info | orders value orders.source_status canceled | – | 1 | – | – | open"},
		},
		{"a channel is gone", func(_ *soms.Options, orders []soms.Order) {
			for i := range orders {
				orders[i].Front.Platform.ID = "douyin"
			}
		}, []string{"info | orders value orders.channel douyin | – | 60 | – | – | open", "warning | orders value orders.channel meituan | 60 | 0 | – | – | open"}},
		// Of both days, for the night reads the day before once more.
		{
			"a flag hides orders", func(o *soms.Options, _ []soms.Order) { o.Hides = []string{"suspended"} },
			[]string{"warning | orders apart suspended=true | – | 24 | – | – | open"},
		},
		{"new members", func(_ *soms.Options, orders []soms.Order) {
			for i := range 4 {
				orders[i].SellerNote, orders[i].Invoice = "n", &soms.Invoice{}
			}
		}, []string{"info | orders member orders[].invoice | – | 4 | – | object | open", "info | orders member orders[].seller_note | – | 4 | – | string | open"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := soms.Options{Orders: dayOfOrders(10)}
			s := openShop(t, o)
			first := s.night("page_size: 20")
			equal(t, "the first night", s.published(first, changesOf), nil)
			o.Orders = dayOfOrders(11)
			c.change(&o, o.Orders)
			o.Orders = append(o.Orders, dayOfOrders(10)...)
			s.serve(o)
			equal(t, "the second night", s.published(s.night("page_size: 20"), changesOf), c.want)
			if slow() {
				wantReplayed(t, s.cfg, func() time.Time { return s.now }, 0)
			}
		})
	}
}

// What has changed stands until it is as it was before.
func TestVendorChangesBack(t *testing.T) {
	o := soms.Options{}
	s := openShop(t, o)
	for day, most := range []int{0, 10, 10, 5, 0} {
		o.Paging = simulate.Paging{Most: most}
		o.Orders = append(o.Orders, dayOfOrders(10+day)...)
		s.serve(o)
		want := []string{fmt.Sprintf("warning | orders page 20 | 20 | %d | – | – | open", most)}
		if most == 0 {
			want = nil
		}
		equal(t, fmt.Sprintf("night %d", day+1), s.published(s.night("page_size: 20"), changesOf), want)
	}
}

// An order that comes to the list long after its time is one that a night may miss.
func TestVendorIsLater(t *testing.T) {
	o := soms.Options{Orders: dayOfOrders(10)}
	s := openShop(t, o)
	s.night("page_size: 20")
	late := shopOrder("late", shopTime(9, 22, 0), shopTime(9, 22, 0)) // the night was at 2 of the 10th
	late.IndexModified = soms.LocalTime(shopTime(10, 5, 0))
	o.Orders = slices.Concat(o.Orders, dayOfOrders(11), []soms.Order{late})
	s.serve(o)
	equal(t, "the second night", s.published(s.night("page_size: 20"), changesOf),
		[]string{"warning | orders late seconds | – | 14340 | – | – | open"})
}

// The end of a stay is told by another name.
func TestVendorRenamesAMember(t *testing.T) {
	now := time.Date(2026, 4, 10, 3, 0, 0, 0, time.UTC)
	o := akubela.Options{Token: "t", Now: func() time.Time { return now }}
	for i := range 30 {
		o.Orders = append(o.Orders, akubela.Order{
			OrderID: fmt.Sprint("o", i), OrderNumber: fmt.Sprintf("%020d", i), ResidenceNo: "801", OrderState: "checked_in",
			StartTime: akubela.UTC(now.Add(-time.Hour)), EndTime: akubela.UTC(now.AddDate(0, 0, 1)),
		})
	}
	var vendor *akubela.Vendor
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { vendor.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	cfg := configured(t, fmt.Sprintf(`{akubela: [{account: tower, base_url: %q, rate: 100000/s, auth: {kind: bearer, token: t}}]}`, server.URL), o.Now)
	for _, night := range []struct {
		key  string
		want []string
	}{
		{"end_time", nil},
		{"finish_time", []string{
			"warning | detail member result.end_time | 30 | 0 | – | – | open",
			"info | detail member result.finish_time | – | 30 | – | string | open",
			// The list is read until two readings agree.
			"warning | orders member result[].end_time | 60 | 0 | – | – | open",
			"info | orders member result[].finish_time | – | 60 | – | string | open",
		}},
		{"both", []string{
			"info | detail member result.finish_time | – | 30 | – | string | open",
			"info | orders member result[].finish_time | – | 60 | – | string | open",
		}},
	} {
		o.FinishKey = night.key
		vendor = akubela.New(o)
		result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: o.Now, Version: "test", NoReport: true})
		if err != nil {
			t.Fatal(err)
		}
		db := open(t, result.Database)
		equal(t, night.key, lines(t, db, changesOf), night.want)
		shut(t, db)
		now = now.AddDate(0, 0, 1)
	}
}
