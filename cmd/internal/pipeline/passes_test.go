package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	tower "github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// TestListReadAgain: an order is deleted at the vendor while its list is read.
// The later readings agree without it: the window is complete, the order is
// not loaded, and the ledger counts what the readings brought. Where the list
// never comes to rest everything that came is loaded and the window is marked.
// A replay gives both back.
func TestListReadAgain(t *testing.T) {
	slowTest(t) // extract's conformance tests say it of each source
	for _, c := range []struct {
		name   string
		change func(v *tower.Vendor, page, pass int)
		exit   int
		orders []string
		ledger string // state, fetched, distinct, duplicates, pages
	}{
		{
			// Passes of 3, 2 and 2 orders, of 3, 2 and 2 pages.
			"an order is deleted between two readings",
			func(v *tower.Vendor, page, pass int) {
				if page == 1 && pass == 2 {
					v.Delete("o2")
				}
			},
			0,
			[]string{"o1", "o3"},
			"complete | 7 | 2 | 5 | 7",
		},
		{
			// Passes of 3, 4 and 5 orders, of 3 pages and 4.
			"an order is added in every reading",
			func(v *tower.Vendor, page, pass int) {
				if page == 1 && pass > 1 {
					v.Put(stay(fmt.Sprintf("o%d", pass+2)))
				}
			},
			3,
			[]string{"o1", "o2", "o3", "o4", "o5"},
			"unreconciled | 12 | 5 | 7 | 10",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := tower.New(tower.Options{Token: "t", Orders: []tower.Order{stay("o1"), stay("o2"), stay("o3")}})
			pass := 0
			v.Fault(func(r *http.Request) *simulate.Fault {
				body, _ := io.ReadAll(r.Body)
				if strings.Contains(string(body), `"page_size":1,`) {
					return nil // the run asks what time it is
				}
				_, page, _ := strings.Cut(string(body), `"page_index":`)
				number := 0
				if _, err := fmt.Sscan(strings.TrimRight(page, "}"), &number); err == nil {
					if number == 1 {
						pass++
					}
					c.change(v, number, pass)
				}
				return nil
			})
			server := httptest.NewServer(v)
			t.Cleanup(server.Close)
			now := func() time.Time { return time.Date(2025, 8, 7, 3, 0, 0, 0, time.UTC) }
			file := filepath.Join(t.TempDir(), "nightaudit.yaml")
			text := fmt.Sprintf(`{version: 1, pii: {key: k}, sources: {akubela: [
				{account: tower, base_url: %q, rate: 10000/s, page_size: 2, auth: {kind: bearer, token: t}}]}}`, server.URL)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: now}})
			if err != nil {
				t.Fatal(err)
			}
			result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: now, Version: "test", NoReport: true})
			if err != nil {
				t.Fatal(err)
			}
			if result.ExitCode != c.exit {
				t.Errorf("exit code %d, want %d: %+v", result.ExitCode, c.exit, result.Accounts)
			}
			path := result.Database
			check := func() {
				db := open(t, path)
				equal(t, "orders", lines(t, db, "SELECT order_id FROM main.orders"), c.orders)
				equal(t, "ledger", lines(t, db, "SELECT state, fetched, distinct_rows, duplicates, pages FROM audit.extracts WHERE stream = 'orders'"), []string{c.ledger})
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			check()
			if _, err := pipeline.Replay(t.Context(), cfg, pipeline.Options{Now: now}); err != nil {
				t.Fatal(err)
			}
			check()
		})
	}
}

// stay is one night in room 101.
func stay(id string) tower.Order {
	return tower.Order{
		OrderID: id, OrderNumber: "20250725064924573999", ResidenceNo: "101", OrderState: "checked_in",
		StartTime: "2025-08-06 03:00:03", EndTime: "2025-08-07 03:30:03",
	}
}
