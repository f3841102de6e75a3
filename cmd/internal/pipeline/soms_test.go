package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// shop is one SOMS account, whose nights begin at 2 in the morning of
// 2026-04-10 and of the days that follow.
type shop struct {
	t      *testing.T
	now    time.Time
	url    string
	file   string
	vendor *soms.Vendor
	cfg    *config.Config // of the last night
}

func openShop(t *testing.T, o soms.Options) *shop {
	t.Helper()
	s := &shop{t: t, now: shopTime(10, 2, 0), file: filepath.Join(t.TempDir(), "nightaudit.yaml")}
	s.serve(o)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.vendor.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// serve has the vendor be another one from now on.
func (s *shop) serve(o soms.Options) {
	o.Username, o.Password, o.Now = "u", "p", func() time.Time { return s.now }
	s.vendor = soms.New(o)
}

// shopTime is a time of April 2026 at the vendor.
func shopTime(day, hour, second int) time.Time {
	return time.Date(2026, 4, day, hour, 0, second, 0, soms.Zone)
}

func shopOrder(id string, created, modified time.Time) soms.Order {
	return soms.Order{
		ID: id, Created: soms.LocalTime(created), Modified: soms.LocalTime(modified), State: "delivered",
		Front: &soms.Front{OrderID: "F" + id, Created: soms.LocalTime(created)}, Items: []soms.Item{{SKUID: "A"}},
		Payment: &soms.Payment{Amount: "1.00"},
	}
}

// night runs one night with the keys given, which the account has besides.
func (s *shop) night(keys string) *pipeline.Result {
	s.t.Helper()
	return s.nightOf(keys, pipeline.Options{NoReport: true})
}

func (s *shop) nightOf(keys string, o pipeline.Options) *pipeline.Result {
	s.t.Helper()
	cfg := s.config(keys)
	o.Now, s.cfg = func() time.Time { return s.now }, cfg
	result, err := pipeline.Run(s.t.Context(), cfg, o)
	if err != nil {
		for _, a := range result.Accounts {
			s.t.Log(a.Err)
		}
		s.t.Fatal(err)
	}
	s.now = s.now.AddDate(0, 0, 1)
	return result
}

// config is the configuration with the keys given, which the account has besides.
func (s *shop) config(keys string) *config.Config {
	s.t.Helper()
	yaml := fmt.Sprintf(`version: 1
pii: {key: k}
sources:
  soms:
    - {account: retail, base_url: %q, tenant_id: "8560", rate: 100000/s, timezone: Asia/Shanghai, auth: {kind: basic, username: u, password: p}, %s}
`, s.url, keys)
	if err := os.WriteFile(s.file, []byte(yaml), 0o600); err != nil {
		s.t.Fatal(err)
	}
	cfg, err := config.Load(s.file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: func() time.Time { return s.now }, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}

// published gives the lines of a query on what a night has published.
func (s *shop) published(r *pipeline.Result, query string) (got []string) {
	s.t.Run("published", func(t *testing.T) { // which ends the connection
		got = lines(t, open(t, r.Database), query)
	})
	return got
}

// TestSOMSOverfullSecond: 25 orders are changed in one second where the search
// answers 20. Everything else is loaded, the night ends with exit code 3, and
// every night asks again until the vendor answers them; then all are there.
// The sweep brings those that were created apart from each other at once: it
// asks by the time of creation.
func TestSOMSOverfullSecond(t *testing.T) {
	slowTest(t) // TestOverfullSecond of extract/soms says it without a database
	for _, c := range []struct {
		name   string
		apart  int // seconds, in which they were created
		came   int // of the 25
		marked []string
	}{
		{"created apart", 1, 25, []string{"09 11:59:59 | 25 | 20"}},
		// Their day of creation is read again, and marked as well.
		{"created together", 0, 20, []string{"01 08:59:59 | 25 | 20", "09 11:59:59 | 25 | 20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var list []soms.Order
			for i := range 25 {
				list = append(list, shopOrder(fmt.Sprintf("same%02d", i), shopTime(1, 9, c.apart*i), shopTime(9, 12, 0)))
			}
			for _, second := range []int{-1, 1} {
				list = append(list, shopOrder(fmt.Sprintf("beside%d", second), shopTime(2, 9, 0), shopTime(9, 12, second)))
			}
			// The simulator has no limit, so that raising max_window_rows helps.
			testOverfull(openShop(t, soms.Options{Orders: list}), c.came, c.marked)
		})
	}
}

func testOverfull(s *shop, came int, stuck []string) {
	t := s.t
	const (
		counts = "SELECT count(*) FILTER (WHERE order_id LIKE 'same%'), count(*) FILTER (WHERE order_id LIKE 'beside%'), count(*) FILTER (WHERE order_id LIKE 'new%') FROM orders WHERE deleted_at IS NULL"
		// of the last night
		marked = `SELECT strftime(window_start AT TIME ZONE 'Asia/Shanghai', '%d %H:%M:%S'), api_total, distinct_rows FROM audit.extracts
			WHERE stream = 'orders' AND state = 'unreconciled' AND run_id = (SELECT max_by(run_id, started_at) FROM audit.runs) ORDER BY window_start`
	)
	tight, wide := "page_size: 10, max_window_rows: 20", "page_size: 10, max_window_rows: 100"
	for night, c := range []struct {
		keys   string
		exit   int
		counts string
		marked []string
	}{
		{tight, 3, fmt.Sprint(came, " | 2 | 0"), stuck},
		{tight, 3, fmt.Sprint(came, " | 2 | 1"), stuck},
		{wide, 0, "25 | 2 | 2", nil},
		{tight, 0, "25 | 2 | 3", nil}, // the cursor has passed it
	} {
		if night > 0 {
			at := s.now.Add(-time.Hour)
			s.vendor.Put(shopOrder(fmt.Sprintf("new%d", night), at, at))
		}
		r := s.night(c.keys)
		if r.ExitCode != c.exit {
			t.Errorf("night %d: exit code %d, want %d: %+v", night+1, r.ExitCode, c.exit, r.Accounts)
		}
		equal(t, fmt.Sprintf("orders of night %d", night+1), s.published(r, counts), []string{c.counts})
		equal(t, fmt.Sprintf("marked in night %d", night+1), s.published(r, marked), c.marked)
		if c.exit == 3 && !slices.ContainsFunc(r.Accounts[0].Messages, func(m string) bool {
			return strings.Contains(m, "25 orders share the second 2026-04-09 12:00:00") && strings.Contains(m, "raise max_window_rows")
		}) {
			t.Errorf("night %d: messages %q", night+1, r.Accounts[0].Messages)
		}
	}
}

// TestSOMSSince: when since is set to an earlier day the orders created between
// that day and the former one arrive, though nothing has changed them; when it
// is taken away all do. A night with the same since goes on from the cursor.
func TestSOMSSince(t *testing.T) {
	slowTest(t)
	var list []soms.Order
	for day := 1; day <= 9; day++ {
		at := shopTime(day, 9, 0)
		list = append(list, shopOrder(fmt.Sprint(day), at, at))
	}
	s := openShop(t, soms.Options{Orders: list})
	const firstWindow = `SELECT if(bool_or(window_start IS NULL), 'none', strftime(min(window_start) AT TIME ZONE 'Asia/Shanghai', '%m-%d %H:%M')) FROM audit.extracts
		WHERE stream = 'orders' AND advances_cursor AND run_id = (SELECT max_by(run_id, started_at) FROM audit.runs)`
	nights := []struct {
		keys   string
		orders string
		from   string // the first window
	}{
		{"since: 2026-04-07", "7 8 9", "04-07 00:00"},
		{"since: 2026-04-07", "7 8 9", "04-10 01:44"}, // the cursor, 01:59, less the overlap
		{"since: 2026-04-04", "4 5 6 7 8 9", "04-04 00:00"},
		{"since: 2026-04-04", "4 5 6 7 8 9", "04-12 01:44"},
		{"since: 2026-04-08", "4 5 6 7 8 9", "04-13 01:44"}, // what is loaded stays
		{"enabled: true", "1 2 3 4 5 6 7 8 9", "none"},
		{"enabled: true", "1 2 3 4 5 6 7 8 9", "04-15 01:44"},
	}
	if !slow() {
		nights = nights[:4] // an earlier day; the others are a later one and none
	}
	for _, c := range nights {
		r := s.night(c.keys)
		if r.ExitCode != 0 {
			t.Errorf("%s: exit code %d: %+v", c.keys, r.ExitCode, r.Accounts)
		}
		equal(t, "orders with "+c.keys, s.published(r, "SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders WHERE deleted_at IS NULL"), []string{c.orders})
		equal(t, "first window with "+c.keys, s.published(r, firstWindow), []string{c.from})
	}
}
