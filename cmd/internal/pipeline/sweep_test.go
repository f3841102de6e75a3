package pipeline_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// TestSweptNights: what no time of change tells, the nightly sweep of totals
// by day finds: orders that the search took late, orders that were deleted,
// and deleted ones that are back.
func TestSweptNights(t *testing.T) {
	slowTest(t)
	now := time.Date(2026, 4, 10, 2, 0, 0, 0, soms.Zone)
	clock := func() time.Time { return now }
	at := func(day, hour int) string { return soms.LocalTime(time.Date(2026, 4, day, hour, 0, 0, 0, soms.Zone)) }
	order := func(id string, day, hour int) soms.Order {
		return soms.Order{
			ID: id, Created: at(day, hour), Modified: at(day, hour), State: "delivered",
			Front: &soms.Front{OrderID: "F" + id, Created: at(day, hour)}, Items: []soms.Item{{SKUID: "A"}},
			Payment: &soms.Payment{Amount: "1.00"},
		}
	}
	vendor := soms.New(soms.Options{Username: "u", Password: "p", Now: clock, UnsetIsFalse: true, Orders: []soms.Order{
		order("A", 1, 9), order("B", 1, 10), order("C", 5, 9), order("D", 5, 10),
	}})
	server := httptest.NewServer(vendor)
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "nightaudit.yaml")
	yaml := fmt.Sprintf(`version: 1
pii: {documents: drop}
sources:
  soms:
    - {account: retail, base_url: %q, tenant_id: "8560", rate: 100000/s, timezone: Asia/Shanghai, auth: {kind: basic, username: u, password: p}}
`, server.URL)
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: clock, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const orders = "SELECT order_id, deleted_at IS NOT NULL FROM orders ORDER BY order_id"
	night := func(what string, want ...string) {
		t.Run(what, func(t *testing.T) { // which ends the connection: the next night puts another file there
			result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: clock, NoReport: true})
			if err != nil {
				t.Fatal(err)
			}
			if a := result.Accounts[0]; a.State != ledger.Complete {
				t.Errorf("%s %v %v", a.State, a.Messages, a.Err)
			}
			equal(t, "orders", lines(t, open(t, result.Database), orders), want)
			if calls := vendor.Refused(); calls != nil {
				t.Errorf("calls that are no reads: %v", calls)
			}
		})
		now = now.AddDate(0, 0, 1)
	}

	night("first night", "A | false", "B | false", "C | false", "D | false")

	vendor.Put(order("late", 1, 11), order("new", 10, 9)) // the search takes one nine days late
	night("late order", "A | false", "B | false", "C | false", "D | false", "late | false", "new | false")

	vendor.Delete("C")
	suspended := order("D", 5, 10) // its time of change says nothing of it
	suspended.SuspendInfo = &soms.SuspendInfo{Suspended: true}
	vendor.Put(suspended)
	night("deleted order", "A | false", "B | false", "C | true", "D | false", "late | false", "new | false")

	vendor.Put(order("C", 5, 9))
	night("order that is back", "A | false", "B | false", "C | false", "D | false", "late | false", "new | false")
}
