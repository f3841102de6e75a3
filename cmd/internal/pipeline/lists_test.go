package pipeline_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// configured is a configuration of one account, whose clock is now.
func configured(t *testing.T, sources string, now func() time.Time) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	if err := os.WriteFile(file, []byte("{version: 1, pii: {key: k}, sources: "+sources+"}"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestTotalsThatTurn: a vendor states one night how many orders there are, the
// next how many are on the page, and then no count at all. Every night all 55
// orders come, none is taken for deleted, and the nights whose totals speak
// against what came end with 3. What was no count is a finding without an order,
// until a night in which it is one again. A replay gives the same.
func TestTotalsThatTurn(t *testing.T) {
	slowTest(t) // extract's conformance tests say it of each source
	now := time.Date(2025, 8, 7, 3, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	v := tuya.New(tuya.Options{ClientID: "c", ClientSecret: "s", ProjectID: "1"})
	for i := range 55 {
		at := tuya.At(now.Add(-time.Duration(i+24) * time.Hour))
		v.Put(tuya.Order{OrderID: fmt.Sprintf("M%02d", i), OrderStatus: "finished", OrderBizType: "MATERIAL", OrderAmount: "5.00", Currency: "CNY", CreateOrderTime: at, FinishOrderTime: at})
	}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	cfg := configured(t, fmt.Sprintf(`{tuya: [{account: a, base_url: %q, project_id: "1", rate: 10000/s, page_size: 20, auth: {kind: tuya, client_id: c, client_secret: s}}]}`, server.URL), clock)
	const (
		ledger = "SELECT state, api_total, distinct_rows, pages FROM audit.extracts WHERE filter = 'MATERIAL' AND run_id = (SELECT max(run_id) FROM audit.extracts)"
		stands = "SELECT order_id IS NULL, field, reason, raw FROM audit.exceptions"
	)
	right := func(total, _, _ int) string { return strconv.Itoa(total) }
	var path string
	for _, night := range []struct {
		said    func(total, rows, page int) string
		exit    int
		ledger  string
		finding []string
		message string
	}{
		// Three pages, twice; the third is not full.
		{right, 0, "complete | 55 | 55 | 6", nil, ""},
		// The fourth is empty.
		{func(_, rows, _ int) string { return strconv.Itoa(rows) }, 3, "unreconciled | 15 | 55 | 8", nil, "2 passes agree on 55 records, but the vendor states 15, which may be the number of one page alone"},
		{func(int, int, int) string { return "-3" }, 3, "unreconciled | – | 55 | 8", []string{"true | total | a count below zero | -3"}, "2 passes agree on 55 records, but what the vendor states as their number, -3, is no count"},
		{right, 0, "complete | 55 | 55 | 6", nil, ""},
	} {
		v.Depart(func(asked int) int { return asked }, night.said)
		result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: clock, Version: "test", NoReport: true})
		if err != nil {
			t.Fatal(err)
		}
		messages := fmt.Sprint(result.Accounts)
		if result.ExitCode != night.exit || !strings.Contains(messages, night.message) {
			t.Errorf("exit code %d with %s, want %d with %q", result.ExitCode, messages, night.exit, night.message)
		}
		path = result.Database
		db := open(t, path)
		equal(t, "ledger", lines(t, db, ledger), []string{night.ledger})
		equal(t, "living", lines(t, db, "SELECT count(*), count(deleted_at) FROM main.orders"), []string{"55 | 0"})
		equal(t, "findings", lines(t, db, stands), night.finding)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
	const history = "SELECT run_id, state, api_total, fetched, distinct_rows FROM audit.extracts ORDER BY ALL"
	before := lines(t, open(t, path), history)
	if _, err := pipeline.Replay(t.Context(), cfg, pipeline.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
	equal(t, "after a replay", lines(t, open(t, path), history), before)
}

// TestListWithoutEnd: a vendor that answers a hundred new orders to any page ends
// at 10,000 pages with an error that says so. What that takes of memory and disk
// is said, and is no more than docs/operator.md allows.
func TestListWithoutEnd(t *testing.T) {
	slowAlone(t) // it measures memory
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page := asked.Add(1)
		var rows []map[string]any
		for i := range 100 {
			rows = append(rows, map[string]any{
				"order_id": fmt.Sprintf("o%d-%d", page, i), "order_number": "20250725064924573999", "residence_no": "101", "order_state": "checked_in",
				"start_time": "2025-08-06 03:00:03", "end_time": "2025-08-07 03:30:03",
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "timestamp": 1754535600000, "result": rows}) // a client that hung up is no concern of the vendor's
	}))
	t.Cleanup(server.Close)
	now := func() time.Time { return time.Date(2025, 8, 7, 3, 0, 0, 0, time.UTC) }
	cfg := configured(t, fmt.Sprintf(`{akubela: [{account: tower, base_url: %q, rate: 100000/s, auth: {kind: bearer, token: t}}]}`, server.URL), now)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: now, Version: "test", NoReport: true})
	close(stop)
	heap := <-peak
	says := fmt.Sprint(err)
	if result != nil {
		says += fmt.Sprint(result.Accounts)
	}
	if !strings.Contains(says, "the list does not end: the vendor answered 10001 pages") {
		t.Errorf("the run says %s", says)
	}
	if n := asked.Load(); n != 10_002 { // the first tells the time
		t.Errorf("%d requests, want 10,002", n)
	}
	landed := int64(0)
	err = filepath.WalkDir(cfg.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains(strings.Split(path, string(filepath.Separator)), "landing") {
			info, err := d.Info()
			if err != nil {
				return err
			}
			landed += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at 10,000 pages of 100 orders: %d MB of heap at most, %d MB landed", heap>>20, landed>>20)
	if heap > 400<<20 || landed > 1<<30 {
		t.Errorf("%d MB of heap and %d MB landed", heap>>20, landed>>20)
	}
}
