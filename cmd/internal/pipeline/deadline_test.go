package pipeline_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/all"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// ends notes when each account ended.
type ends struct {
	pipeline.Unheard
	mu    sync.Mutex
	begun time.Time
	at    map[string]time.Duration
}

func (e *ends) AccountDone(r pipeline.AccountResult) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at[r.Source] = time.Since(e.begun)
}

// timedNight runs a night of a configuration of these sources and keys.
func timedNight(t *testing.T, dir, keys string, now time.Time) (*pipeline.Result, *ends) {
	t.Helper()
	file := filepath.Join(dir, "nightaudit.yaml")
	if err := os.WriteFile(file, []byte("version: 1\npii: {key: k}\n"+keys), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: clock}})
	if err != nil {
		t.Fatal(err)
	}
	e := &ends{begun: time.Now(), at: map[string]time.Duration{}}
	result, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Now: clock, Version: "test", NoReport: true, Observer: e})
	if err != nil {
		t.Fatal(err)
	}
	return result, e
}

func accountOf(t *testing.T, r *pipeline.Result, source string) pipeline.AccountResult {
	t.Helper()
	for _, a := range r.Accounts {
		if a.Source == source {
			return a
		}
	}
	t.Fatalf("there is no %s among %+v", source, r.Accounts)
	return pipeline.AccountResult{}
}

// endless is a vendor of the kind of akubela that invents orders, a page every
// few milliseconds, until it is mended.
type endless struct {
	mended http.Handler
	sound  atomic.Bool
	asked  atomic.Int64
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.sound.Load() {
		e.mended.ServeHTTP(w, r)
		return
	}
	page := e.asked.Add(1)
	time.Sleep(5 * time.Millisecond)
	row := map[string]any{
		"order_id": fmt.Sprintf("o%d", page), "order_number": "20250725064924573999", "residence_no": "101", "order_state": "checked_in",
		"start_time": "2025-08-06 03:00:03", "end_time": "2025-08-07 03:30:03",
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "timestamp": 1754535600000, "result": []any{row}}) // a client that hung up is no concern of the vendor's
}

// TestNightHasAnEnd: an account whose list never ends is asked until the night's
// time is up and no longer; it fails with that reason, and the other is complete
// and published. The next night, over a vendor that was mended, is as any first one.
func TestNightHasAnEnd(t *testing.T) {
	now := time.Date(2025, 8, 7, 3, 0, 0, 0, time.UTC)
	shop := tuya.New(tuya.Options{ClientID: "c", ClientSecret: "s", ProjectID: "1"})
	at := tuya.At(now.Add(-24 * time.Hour))
	shop.Put(tuya.Order{OrderID: "M1", OrderStatus: "finished", OrderBizType: "MATERIAL", OrderAmount: "5.00", Currency: "CNY", CreateOrderTime: at, FinishOrderTime: at})
	tower := &endless{mended: akubela.New(akubela.Options{Token: "t", Now: func() time.Time { return now }, Orders: []akubela.Order{
		{OrderID: "S1", OrderNumber: "20250725064924573999", ResidenceNo: "101", StartTime: "2025-08-05 03:00:03", EndTime: "2025-08-06 03:30:03", OrderState: "checked_out"},
	}})}
	shopServer, towerServer := httptest.NewServer(shop), httptest.NewServer(tower)
	t.Cleanup(shopServer.Close)
	t.Cleanup(towerServer.Close)
	// The time is the account's own, for the other one to have enough on a busy
	// machine; TestOneAccountTakesNoOthersTime has that of the night.
	keys := fmt.Sprintf(`sources:
  tuya: [{account: shop, base_url: %q, project_id: "1", rate: 10000/s, auth: {kind: tuya, client_id: c, client_secret: s}}]
  akubela: [{account: tower, base_url: %q, rate: 10000/s, max_duration: 1s, auth: {kind: bearer, token: t}}]
`, shopServer.URL, towerServer.URL)
	dir := t.TempDir()
	result, e := timedNight(t, dir, keys, now)
	asked := tower.asked.Load()
	if took := e.at["akubela"]; took < 900*time.Millisecond || took > 10*time.Second {
		t.Errorf("the account without an end ended after %s", took)
	}
	failed := accountOf(t, result, "akubela")
	if says := fmt.Sprint(failed.Err); failed.State != "failed" || !strings.Contains(says, "the night's time was up after ") || !strings.Contains(says, "raise max_duration") {
		t.Errorf("akubela is %s: %s", failed.State, says)
	}
	if result.ExitCode != 3 || result.Database == "" {
		t.Fatalf("exit code %d, published %q", result.ExitCode, result.Database)
	}
	const orders, ledger = "SELECT source, order_id FROM main.orders", "SELECT source, state FROM audit.extracts WHERE run_id = (SELECT max(run_id) FROM audit.runs) GROUP BY ALL"
	db := open(t, result.Database)
	equal(t, "orders", lines(t, db, orders), []string{"tuya | M1"})
	equal(t, "ledger", lines(t, db, ledger), []string{"tuya | complete", "akubela | failed"})
	db.Close()
	time.Sleep(50 * time.Millisecond)
	if more := tower.asked.Load() - asked; asked < 10 || more > 0 {
		t.Errorf("%d calls, and %d after the night had ended", asked, more)
	}

	tower.sound.Store(true)
	result, _ = timedNight(t, dir, strings.Replace(keys, "max_duration: 1s, ", "", 1), now.AddDate(0, 0, 1))
	db = open(t, result.Database)
	equal(t, "orders of the next night", lines(t, db, orders), []string{"tuya | M1", "akubela | S1"})
	equal(t, "ledger of the next night", lines(t, db, ledger), []string{"tuya | complete", "akubela | complete"})
	if result.ExitCode != 0 {
		t.Errorf("the next night ends with %d: %+v", result.ExitCode, result.Accounts)
	}
}

// TestOneAccountTakesNoOthersTime: of two vendors that never answer one is waited
// for by the courier, which gets half of the night all the same; the other one,
// which nobody waits for, has its own time and holds nobody up.
func TestOneAccountTakesNoOthersTime(t *testing.T) {
	slowTest(t) // TestNightHasAnEnd says most of it
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(stop) })
	dir := t.TempDir()
	register := filepath.Join(dir, "register")
	if err := os.Mkdir(register, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(register, "a.csv"), []byte("orderNo,payFee\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, e := timedNight(t, dir, fmt.Sprintf(`max_duration: 4s
sources:
  tuya: [{account: shop, base_url: %[1]q, project_id: "1", auth: {kind: tuya, client_id: c, client_secret: s}}]
  akubela: [{account: tower, base_url: %[1]q, max_duration: 1s, auth: {kind: bearer, token: t}}]
  soms: [{account: retail, base_url: %[1]q, tenant_id: "1", auth: {kind: basic, username: u, password: p}}]
  guoxiaodi: [{account: courier, base_url: %[1]q, auth: {kind: none}, register: ["register/*.csv"]}]
`, silent.URL), time.Date(2025, 8, 7, 3, 0, 0, 0, time.UTC))
	for _, source := range []string{"tuya", "akubela", "soms"} {
		if a := accountOf(t, result, source); a.State != "failed" || !strings.Contains(fmt.Sprint(a.Err), "the night's time was up") {
			t.Errorf("%s is %s: %v", source, a.State, a.Err)
		}
	}
	if a := accountOf(t, result, "guoxiaodi"); a.State != "complete" || result.ExitCode != 3 {
		t.Errorf("the courier is %s, %v; exit code %d", a.State, a.Err, result.ExitCode)
	}
	order := []string{"akubela", "soms", "guoxiaodi", "tuya"}
	for i, at := range []time.Duration{time.Second, 2 * time.Second, 2 * time.Second, 4 * time.Second} {
		if took := e.at[order[i]]; took < at-100*time.Millisecond || i > 0 && took < e.at[order[i-1]] {
			t.Errorf("%s ended after %s: %v", order[i], took, e.at)
		}
	}
}
