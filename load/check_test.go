package load

import (
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// What a commit changes waits for the checks: new orders, changed ones, and
// those of which only a line has gone. What comes again unchanged does not. A
// check that comes to its end leaves nothing waiting.
func TestChangedOrdersWaitForTheChecks(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	list := func(fill ...func(b *transform.Batch)) {
		f.night(map[string]func(b *transform.Batch){"list": all(fill...)}, int64(len(fill)))
	}
	waiting := "source, account, order_id) FROM (SELECT DISTINCT source, account, order_id FROM recon.changed) ORDER BY order_id"
	check := func(n int) recon.Result {
		t.Helper()
		result, err := f.w.Check(t.Context(), ledger.Run{ID: "check", At: time.Date(2026, 5, n, 20, 0, 0, 0, time.UTC)}, recon.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f.want(waiting)
		return result
	}

	list(listOrder("a", "completed", 10, 1, 4, 6), listOrder("b", "completed", 10, 1, 4, 6), listOrder("c", "completed", 10, 1, 10))
	f.want(waiting, "hotel inn a", "hotel inn b", "hotel inn c")
	if got := check(1); !got.Full {
		t.Errorf("the first check: %+v, want a full one", got)
	}
	// a is the same, b has one line less, c another amount.
	list(listOrder("a", "completed", 10, 1, 4, 6), listOrder("b", "completed", 10, 1, 4), listOrder("c", "completed", 20, 2, 10))
	f.want(waiting, "hotel inn b", "hotel inn c")
	// A second night before the next check adds to what waits.
	list(listOrder("d", "completed", 10, 3, 10))
	f.want(waiting, "hotel inn b", "hotel inn c", "hotel inn d")
	if got := check(4); got.Full || got.Orders != 3 {
		t.Errorf("the next check: %+v, want 3 orders looked at", got)
	}
	if got := check(5); got.Full || got.Orders != 0 {
		t.Errorf("a check after nothing changed: %+v, want no order looked at", got)
	}
}
