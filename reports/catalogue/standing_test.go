package catalogue

import (
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
)

// In which reports the orders of testdata/fixture.sql stand, worked out by
// hand from its rows.
func TestStandings(t *testing.T) {
	catalogue, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	db := reportstest.Shared(t)
	for _, c := range []struct {
		order OrderKey
		day   int
		want  []string // among others
		not   []string
	}{
		{OrderKey{"soms", "retail", "S2"}, 9, []string{"orders"}, []string{"rejects", "rooms"}},
		{OrderKey{"soms", "retail", "S2"}, 8, nil, []string{"orders"}},      // it is of the 9th
		{OrderKey{"soms", "boutique", "S2"}, 9, nil, []string{"orders"}},    // that account has no such order
		{OrderKey{"starhotel", "retail", "S2"}, 9, nil, []string{"orders"}}, // nor has that source
	} {
		date := time.Date(2026, 3, c.day, 0, 0, 0, 0, time.UTC)
		found, failed, err := Standings(t.Context(), db, catalogue, ExportOptions{From: date, To: date, Language: labels.English}, c.order)
		if err != nil || len(failed) > 0 {
			t.Fatal(err, failed)
		}
		var names []string
		for _, s := range found {
			names = append(names, s.Report)
			if s.Rows == 0 || s.KnownBy == "" || s.Title == "" {
				t.Errorf("%v: %+v", c.order, s)
			}
		}
		for _, w := range c.want {
			if !slices.Contains(names, w) {
				t.Errorf("%v stands in %v, want %s too", c.order, names, w)
			}
		}
		for _, n := range c.not {
			if slices.Contains(names, n) {
				t.Errorf("%v stands in %v, and not in %s", c.order, names, n)
			}
		}
	}
}

// A column names an order together with the columns of its own beginning that
// say whose order it is.
func TestOrderNames(t *testing.T) {
	columns := func(names ...string) (list []result.Column) {
		for _, n := range names {
			list = append(list, result.Column{Name: n})
		}
		return list
	}
	for _, c := range []struct {
		columns []result.Column
		want    []orderName
	}{
		{columns("source", "account", "order_id"), []orderName{{"order_id", "source", "account"}}},
		{columns("source", "account", "order_ref", "net"), []orderName{{"order_ref", "source", "account"}}},
		{
			columns("source", "account", "shop_source", "shop_account", "shop_order_id", "courier_order_id"),
			[]orderName{{"shop_order_id", "shop_source", "shop_account"}, {"courier_order_id", "source", "account"}},
		},
		{columns("source", "orders"), nil},
		{columns("order_id"), nil}, // whose, nobody says
	} {
		if got := orderNames(c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.columns, got, c.want)
		}
	}
}
