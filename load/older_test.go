package load

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// A vendor answers with a version older than the one that stands: the later one
// stays with all its rows, the older one is kept as a version that held for no
// time, and the checks look at the order. What the vendor says again in the next
// night is taken.
func TestOlderVersion(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	list := func(fills ...func(b *transform.Batch)) map[string]func(b *transform.Batch) {
		return map[string]func(b *transform.Batch){"list": all(fills...)}
	}
	const order, versions = "status, gross_amount) FROM main.orders", "version_no, status, valid_from = valid_to) FROM audit.order_versions ORDER BY ALL"
	f.night(list(listOrder("A", "pending", 111, 10, 111)), 1)
	f.night(list(listOrder("A", "completed", 400, 19, 150, 250)), 1)
	if _, err := f.w.db.Exec("DELETE FROM recon.changed"); err != nil {
		t.Fatal(err)
	}

	// Back to the very state of the first night.
	loaded := f.night(list(listOrder("A", "pending", 111, 10, 111)), 1)
	if loaded.State != ledger.Complete || loaded.Orders != 1 || loaded.Unchanged != 1 {
		t.Errorf("%+v", loaded)
	}
	f.want(order, "completed 400.0000")
	f.want("total_amount) FROM main.order_items ORDER BY line_no", "150.0000", "250.0000")
	f.want("status) FROM main.deliveries", "completed")
	f.want(versions, "1 pending false", "2 completed", "3 pending true")
	f.want("order_id) FROM recon.changed", "A")
	f.want("distinct_rows, unchanged) FROM audit.extracts WHERE run_id = 'run3'", "1 1")
	f.want("gross_amount) FROM orders_as_of(now())", "400.0000")

	f.night(list(listOrder("A", "pending", 111, 10, 111)), 1)
	f.want(order, "pending 111.0000")
	f.want("total_amount) FROM main.order_items", "111.0000")
	f.want(versions, "1 pending false", "2 completed false", "3 pending true", "4 pending")
	f.night(list(listOrder("A", "completed", 400, 19, 400)), 1)
	f.want(order, "completed 400.0000")

	// An older version beside the one that stands, and one of no time.
	f.night(list(listOrder("A", "pending", 111, 10, 111), listOrder("A", "completed", 400, 19, 400)), 1)
	f.want("count(*)) FROM audit.order_versions", "5")
	f.night(list(func(b *transform.Batch) {
		b.Record("A", "/list", 0).Order(&transform.Order{Kind: "stay", Status: "canceled", Gross: yuan(5), Currency: "CNY", CreatedAt: at(1)})
	}), 1)
	f.want(order, "canceled 5.0000")
}

// Within half a day the same is said again: it is no second opinion.
func TestOlderVersionSoonAgain(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "completed", 400, 19)}, 1)
	older := map[string]func(b *transform.Batch){"list": listOrder("A", "pending", 111, 10)}
	f.night(older, 1)
	if _, err := f.w.db.Exec("UPDATE audit.older_answers SET older_since = '2026-05-03 08:00:00Z'"); err != nil {
		t.Fatal(err)
	}
	f.night(older, 1) // on the third at 18:00, ten hours later
	f.want("status, gross_amount) FROM main.orders", "completed 400.0000")
	f.want("count(*)) FROM audit.order_versions", "2")
}

// A copy that is behind answers now and then: each time it is a first time. And an
// order that stands at a time that was nonsense is taken from the second night on,
// though it changes every night.
func TestOlderVersionNowAndThen(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	night := func(status string, gross int64, updated int) {
		f.night(map[string]func(b *transform.Batch){"list": listOrder("A", status, gross, updated)}, 1)
	}
	night("completed", 400, 19)
	for range 3 {
		night("pending", 111, 10)
		f.want("status) FROM main.orders", "completed")
		f.want("order_id, run_id) FROM audit.older_answers", fmt.Sprintf("A run%d", f.n))
		night("completed", 400, 19)
		f.want("count(*)) FROM audit.older_answers", "0")
	}
	f.want("version_no, status) FROM audit.order_versions ORDER BY ALL", "1 completed", "2 pending")

	night("completed", 500, 365)
	night("pending", 1, 20)
	f.want("gross_amount) FROM main.orders", "500.0000")
	night("pending", 2, 21)
	f.want("gross_amount) FROM main.orders", "2.0000")
	night("pending", 3, 22)
	f.want("gross_amount) FROM main.orders", "3.0000")
}

// Many at once: a backup was restored, and the window does not reconcile.
func TestManyOlderVersions(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	night := func(gross int64, updated int) Loaded {
		var orders []func(b *transform.Batch)
		for i := range 6 {
			orders = append(orders, listOrder(fmt.Sprint(i), "completed", gross, updated))
		}
		return f.night(map[string]func(b *transform.Batch){"list": all(orders...)}, 6)
	}
	night(2, 9)
	loaded := night(1, 4)
	if loaded.State != ledger.Unreconciled || !strings.Contains(strings.Join(loaded.Messages, ""), "older versions of 6 of 6 orders") {
		t.Errorf("%+v", loaded)
	}
	f.want("sum(gross_amount)) FROM main.orders", "12.0000")
	if loaded = night(1, 4); loaded.State != ledger.Complete {
		t.Errorf("%+v", loaded)
	}
	f.want("sum(gross_amount)) FROM main.orders", "6.0000")
}
