package soms

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// TestOrdersThatAreNotShown: of 45 orders that the query answers without their
// items two cannot be shown by id. Their calls for twenty are cut in halves until it
// is known which they are; the others arrive with their items.
func TestOrdersThatAreNotShown(t *testing.T) {
	list := orders(45)
	bad := []string{list[3].ID, list[44].ID}
	n := start(t, sim.Options{Orders: list, HideItems: true}, "concurrency: 1")
	calls := refuse(n, bad...)
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if items, rows := len(got.Tables["order_items"]), len(ids(got, "orders")); items != 2*43 || rows != 45 {
		t.Errorf("%d items of %d orders, want those of all but two, and all", items, rows)
	}
	var said []string
	for _, f := range got.Findings {
		said = append(said, f.OrderID+" "+f.Raw)
	}
	if got, want := strings.Join(said, "; "), bad[0]+" code 500: the vendor's server failed; "+bad[1]+" code 500: the vendor's server failed"; got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
	if says := got.Outcomes[0].Unsettled; !strings.Contains(says, "2 of 45 orders were refused: "+bad[0]+" (code 500") {
		t.Errorf("the window is marked with %q", says)
	}
	// The first call is of 20 orders with the fourth bad: 20, 10, 5, 2 (the first
	// two), 3, 1 (the third), 2, 1, 1, and the other 5 and 10. The second is of 20
	// good ones. The third is of 5 with the last one bad: 5, 2, 3, 1, 2, 1, 1.
	if want := 11 + 1 + 7; *calls != want {
		t.Errorf("%d calls by id, want %d", *calls, want)
	}
}

// Where no order is shown at all it is the account, and not asked for to the end.
func TestNoOrderIsShown(t *testing.T) {
	var all []string
	list := orders(45)
	for _, o := range list {
		all = append(all, o.ID)
	}
	n := start(t, sim.Options{Orders: list, HideItems: true}, "concurrency: 1")
	calls := refuse(n, all...)
	_, err := extracttest.TryCollect(context.Background(), n.account, extract.Plan{Until: until})
	if err == nil || extract.ClassOf(err) != extract.Transient || !strings.Contains(err.Error(), "code 500") {
		t.Errorf("error %v, want that of the vendor's server", err)
	}
	// 20, 10, 5, 2, 1, 1, 3, 1, 2, 1, 1, 5, 2, 1, 1, 3, 1, 2, 1, 1 are ten orders; the
	// next ten are one call. As much may be under way for the next twenty, and the last five.
	if *calls > 60 {
		t.Errorf("%d calls by id, want at most 60", *calls)
	}
}

// refuse has the vendor fail every call by id that names one of the orders, and
// counts the calls by id.
func refuse(n *night, bad ...string) *int {
	calls := new(int)
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if !strings.HasSuffix(r.URL.Path, pathOrders) {
			return nil
		}
		*calls++
		body, _ := io.ReadAll(r.Body)
		for _, id := range bad {
			if strings.Contains(string(body), `"`+id+`"`) {
				return &simulate.Fault{Status: http.StatusInternalServerError}
			}
		}
		return nil
	})
	return calls
}
