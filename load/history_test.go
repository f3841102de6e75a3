package load

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/load/recon"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// historyEnd is when the history of these benchmarks ends.
var historyEnd = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// shop is a source all of whose tables come in one answer.
var shop = Source{Name: "soms", Streams: []ledger.Stream{{Name: "orders", Carries: map[string][]string{
	"orders": nil, "order_items": nil, "payments": nil, "discounts": nil, "settlements": nil, "settlement_discounts": nil, "deliveries": nil, "invoices": nil,
}}}}

// BenchmarkNightOverHistory loads and checks a night with 20,000 changed
// orders of the last 90 days over a history of 100,000 orders, and with
// NIGHTAUDIT_LONG=1 over one million and ten million. It is built once and
// written to by one night after the other, as the real one is.
func BenchmarkNightOverHistory(b *testing.B) {
	sizes := []int{100_000}
	if os.Getenv("NIGHTAUDIT_LONG") != "" {
		sizes = append(sizes, 1_000_000, 10_000_000)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%d_orders", size), func(b *testing.B) {
			path := history(b, size)
			// A first check compares everything, once.
			w := openHistory(b, path)
			if _, err := w.Check(b.Context(), ledger.Run{ID: "first", At: historyEnd}, recon.Options{}); err != nil {
				b.Fatal(err)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			var commit, check, closing time.Duration
			for i := range b.N {
				b.StopTimer()
				w := openHistory(b, path)
				run := ledger.Run{ID: fmt.Sprintf("run%d", i), At: historyEnd.AddDate(0, 0, i+1)}
				stage := stageChanges(b, w, run, size, i+1)
				b.StartTimer()
				start := time.Now()
				loaded, err := stage.Commit(b.Context())
				if err != nil || loaded.State != ledger.Complete || loaded.Updated != benchOrders {
					b.Fatal(loaded, err)
				}
				commit += time.Since(start)
				start = time.Now()
				if _, err := w.Check(b.Context(), run, recon.Options{}); err != nil {
					b.Fatal(err)
				}
				check += time.Since(start)
				start = time.Now()
				if err := stage.Discard(); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				closing += time.Since(start)
			}
			n := float64(b.N)
			b.ReportMetric(commit.Seconds()/n, "s-load/op")
			b.ReportMetric(check.Seconds()/n, "s-check/op")
			b.ReportMetric(closing.Seconds()/n, "s-close/op")
		})
	}
}

func openHistory(b *testing.B, path string) *Warehouse {
	b.Helper()
	w, err := Open(b.Context(), Options{Path: path, TempDir: b.TempDir(), MemoryLimit: 2 << 30})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// history makes a warehouse that holds so many orders.
func history(b *testing.B, orders int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "warehouse.duckdb")
	w := openHistory(b, path)
	statements, err := os.ReadFile("testdata/history.sql")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	conn, err := w.db.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for _, statement := range []string{
		fmt.Sprintf("SET VARIABLE orders = %d", orders),
		"SET VARIABLE history_end = TIMESTAMPTZ " + sqlfiles.Literal(historyEnd.Format(time.RFC3339)),
		string(statements),
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			b.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// stageChanges stages every order anew that night changes: spread evenly over
// the last 90 days, or over all there are.
func stageChanges(b *testing.B, w *Warehouse, run ledger.Run, orders, night int) *Stage {
	b.Helper()
	recent := min(orders, 900_000)
	step := recent / benchOrders
	stage, err := w.Stage(run, shop, "retail", filepath.Join(b.TempDir(), run.ID))
	if err != nil {
		b.Fatal(err)
	}
	batch := transform.NewBatch(transform.Origin{Source: "soms", Account: "retail", Stream: "orders", Calendar: transform.Calendar{Zone: time.UTC}})
	no := stage.Begin(ledger.Window{Stream: "orders", Advances: true, End: run.At})
	for k := range benchOrders {
		if k%100 == 0 {
			batch.Begin(transform.PageOrigin{Ref: fmt.Sprintf("night%d:%d", night, k/100+1), SHA256: "00", Window: no})
		}
		i := orders - recent + k*step + night%step
		changedOrder(batch.Record(fmt.Sprintf("%013d", 8826000000000+i), "/orders", k%100), orders, i, run.At)
		if batch.Rows() >= 1<<16 || k == benchOrders-1 {
			if err := batch.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("orders", table, rec) }); err != nil {
				b.Fatal(err)
			}
		}
	}
	stage.End(no, benchOrders, benchOrders/100, ledger.Complete, "", batch.TakeSums())
	return stage
}

// changedOrder is order i of the history, settled for one yuan less.
func changedOrder(r *transform.Record, orders, i int, at time.Time) {
	price := int64(10 + i%90)
	created := historyEnd.Add(-time.Duration(float64(orders-i)*8.64) * time.Second)
	instant := transform.InstantOf(created)
	r.SetVersion(transform.InstantOf(at))
	r.Order(&transform.Order{
		OrderNo: fmt.Sprintf("P%d", i), Kind: "retail", Flow: "revenue", Channel: "meituan", StoreID: fmt.Sprintf("S%d", i%20), StoreName: fmt.Sprintf("Store %d", i%20),
		Status: "completed", SourceStatus: "delivered", PaymentStatus: "paid", RefundStatus: "none", Currency: "CNY",
		Gross: yuan(2 * price), Discount: yuan(0), Goods: yuan(2 * price), Freight: yuan(5), Packaging: yuan(1), Other: yuan(0),
		Net: yuan(2*price + 6), Paid: yuan(2*price + 6), Settle: yuan(2*price + 5), Commission: yuan(1), CreatedAt: instant, UpdatedAt: transform.InstantOf(at), FinishedAt: instant,
	})
	for line := range 2 {
		r.Item(&transform.OrderItem{
			LineNo: line + 1, ItemID: fmt.Sprintf("I%d", line+1), SkuID: fmt.Sprintf("K%d", i%500), Title: fmt.Sprintf("Mineral water %d", i%500),
			Total: yuan(price), Discount: yuan(0), ApportionedDiscount: yuan(0), Pay: yuan(price), Settle: yuan(price - 1), Currency: "CNY",
		})
	}
	r.Payment(&transform.Payment{LineNo: 1, MethodCode: "wx", MethodName: "WeChat", Amount: yuan(2*price + 6), Currency: "CNY", FlowNo: fmt.Sprintf("F%d", i), PaidAt: instant})
	r.Settlement(&transform.Settlement{SettleUnitCode: "U1", SettleUnitName: "Unit", Shop: yuan(2 * price), Currency: "CNY"})
	r.Delivery(&transform.Delivery{DeliveryID: fmt.Sprintf("W%d", i), Carrier: "shunfeng", WaybillNo: fmt.Sprintf("W%d", i), Status: "completed", Fee: yuan(5), Currency: "CNY"})
}
