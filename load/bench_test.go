package load

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// benchOrders is the size of a large night; each order has five lines.
const benchOrders = 20_000

func stageOrders(b *testing.B, w *Warehouse, run ledger.Run, from, count int) *Stage {
	b.Helper()
	stage, err := w.Stage(run, hotel, "inn", filepath.Join(b.TempDir(), run.ID))
	if err != nil {
		b.Fatal(err)
	}
	batch := transform.NewBatch(transform.Origin{Source: "hotel", Account: "inn", Stream: "list", Calendar: transform.Calendar{Zone: time.UTC}})
	no := stage.Begin(ledger.Window{Stream: "list", Advances: true, End: run.At})
	for i := range count {
		if i%100 == 0 {
			batch.Begin(transform.PageOrigin{Ref: fmt.Sprintf("bench:%d", i/100+1), SHA256: "00", Window: no})
		}
		r := batch.Record(fmt.Sprintf("order%09d", from+i), "/orders", i%100)
		r.SetVersion(at(2))
		r.Order(&transform.Order{Kind: "retail", Status: "completed", Gross: yuan(100), Currency: "CNY", CreatedAt: at(1), UpdatedAt: at(2)})
		for line := range 5 {
			r.Item(&transform.OrderItem{LineNo: line + 1, SkuID: "sku", Title: "矿泉水", Total: yuan(20), Currency: "CNY"})
		}
		if batch.Rows() >= 1<<16 || i == count-1 {
			if err := batch.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
				b.Fatal(err)
			}
		}
	}
	stage.End(no, int64(count), count/100, ledger.Complete, "", batch.TakeSums())
	return stage
}

func openBench(b *testing.B) *Warehouse {
	b.Helper()
	w, err := Open(b.Context(), Options{Path: filepath.Join(b.TempDir(), "warehouse.duckdb")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return w
}

// BenchmarkStage writes 20,000 orders with five lines each to Parquet.
func BenchmarkStage(b *testing.B) {
	w := openBench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		stage := stageOrders(b, w, ledger.Run{ID: fmt.Sprint(i)}, 0, benchOrders)
		if err := stage.Discard(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchOrders*b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkMerge loads 20,000 orders with five lines each: into an empty
// warehouse, and once more when nothing has changed.
func BenchmarkMerge(b *testing.B) {
	for _, again := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "unchanged"}[again], func(b *testing.B) {
			for i := range b.N {
				b.StopTimer()
				w := openBench(b)
				if again {
					commitOrders(b, stageOrders(b, w, ledger.Run{ID: fmt.Sprintf("first%d", i), At: time.Now()}, 0, benchOrders))
				}
				stage := stageOrders(b, w, ledger.Run{ID: fmt.Sprintf("run%d", i), At: time.Now()}, 0, benchOrders)
				b.StartTimer()
				commitOrders(b, stage)
				b.StopTimer()
				w.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(benchOrders*b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

func commitOrders(b *testing.B, stage *Stage) {
	b.Helper()
	loaded, err := stage.Commit(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if loaded.State != ledger.Complete || loaded.Orders != benchOrders {
		b.Fatalf("%+v", loaded)
	}
	if err := stage.Discard(); err != nil {
		b.Fatal(err)
	}
}
