package pipeline_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// replaying remembers a vendor's answers, so that the second time the same
// calls are made the simulator's own work is not measured.
type replaying struct {
	vendor  http.Handler
	mu      sync.Mutex
	answers map[string]*httptest.ResponseRecorder
}

func (h *replaying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := r.Method + r.URL.String() + string(body)
	h.mu.Lock()
	answer := h.answers[key]
	h.mu.Unlock()
	if answer == nil {
		answer = httptest.NewRecorder()
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.vendor.ServeHTTP(answer, r)
		h.mu.Lock()
		h.answers[key] = answer
		h.mu.Unlock()
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}

// BenchmarkNight runs a whole night over 10,000 SOMS orders of documented
// size: fetched over the loopback, landed, decoded, staged, loaded, checked
// and published.
func BenchmarkNight(b *testing.B) {
	const orders = 10_000
	start := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	list := make([]soms.Order, orders)
	for i := range list {
		at := soms.LocalTime(start.Add(time.Duration(i) * time.Minute))
		list[i] = soms.Order{
			ID: fmt.Sprintf("888%08d", i), Created: at, Modified: at, State: "delivered",
			Front:   &soms.Front{OrderID: fmt.Sprintf("F%08d", i), Created: at, Platform: &soms.IDName{ID: "meituan"}},
			Payment: &soms.Payment{State: "paid", Amount: "24.00", Freight: "4.00", Details: []soms.PaymentDetail{{Code: "wx", Amount: "24.00"}}},
			Items: []soms.Item{
				{ItemID: "1", SKUID: "A", ItemTitle: "葡萄", Quantity: "2", UnitPrice: "7.50", Total: "15.00", PayAmount: "15.00"},
				{ItemID: "2", SKUID: "B", ItemTitle: "矿泉水", Quantity: "1", UnitPrice: "5.00", Total: "5.00", PayAmount: "5.00"},
			},
			RealTotal: "20.00", OrigTotal: "20.00", SKUQuantity: "3",
		}
	}
	vendor := soms.New(soms.Options{Username: "u", Password: "p", Orders: list, Padding: soms.DocumentedSize})
	server := httptest.NewServer(&replaying{vendor: vendor, answers: map[string]*httptest.ResponseRecorder{}})
	defer server.Close()
	now := start.Add(orders*time.Minute + time.Hour)

	night := func() *pipeline.Result {
		dir := b.TempDir()
		file := filepath.Join(dir, "nightaudit.yaml")
		yaml := fmt.Sprintf(`version: 1
pii: {documents: drop}
sources:
  soms:
    - {account: retail, base_url: %q, tenant_id: "8560", rate: 100000/s, concurrency: 4, max_window_rows: 1000000, auth: {kind: basic, username: u, password: p}}
`, server.URL)
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			b.Fatal(err)
		}
		clock := func() time.Time { return now }
		cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: clock, Tokens: new(extract.TokenStore)}})
		if err != nil {
			b.Fatal(err)
		}
		result, err := pipeline.Run(b.Context(), cfg, pipeline.Options{Now: clock, NoReport: true})
		if err != nil {
			b.Fatal(err)
		}
		if result.ExitCode != 0 || result.Accounts[0].Orders != orders {
			b.Fatalf("%+v", result)
		}
		return result
	}
	night() // fills the answers
	b.SetBytes(orders * soms.DocumentedSize)
	b.ReportAllocs()
	for b.Loop() {
		night()
	}
	b.ReportMetric(float64(orders*b.N)/b.Elapsed().Seconds(), "orders/s")
}
