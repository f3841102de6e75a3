package transform

import (
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

func BenchmarkParseDecimal(b *testing.B) {
	for b.Loop() {
		if _, err := parseDecimal("12345678.9012", moneyScale); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLocalTime(b *testing.B) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		b.Fatal(err)
	}
	r := NewBatch(Origin{Calendar: Calendar{Zone: shanghai}}).Record("1", "", -1)
	v := LocalTime{Scalar{String, "2016-03-02 12:00:01"}}
	for b.Loop() {
		r.stated = r.stated[:0] // as for each new record
		if !v.Instant(r, "created").Valid {
			b.Fatal("not read")
		}
	}
}

// BenchmarkBatch turns 1,000 canonical orders with five lines each into
// Arrow: the part of a page's transform that follows its decoding.
func BenchmarkBatch(b *testing.B) {
	const orders, lines = 1000, 5
	batch := NewBatch(Origin{Source: "soms", Account: "retail", Stream: "orders", Calendar: Calendar{Zone: time.UTC}, Currency: "CNY"})
	created := InstantOf(time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
	amount := Money{1234500, true}
	b.ReportAllocs()
	for b.Loop() {
		batch.Begin(PageOrigin{Ref: "2026/04/01/run/soms-retail-orders.jsonl.zst:1", SHA256: "d6ebce42a2ec09ca3caa31ef7698e7c078a237c46a2640f3fba4deb84eaf407e"})
		for i := range orders {
			r := batch.Record("88822222222", "/orders", i)
			r.SetVersion(created)
			r.Order(&Order{
				OrderNo: "F88822222222", Kind: KindRetail, Flow: FlowRevenue, Status: StatusCompleted, Currency: "CNY",
				Gross: amount, Goods: amount, Freight: amount, Net: amount, Paid: amount, CreatedAt: created, UpdatedAt: created,
			})
			for line := range lines {
				r.Item(&OrderItem{LineNo: line + 1, SkuID: "00321", Title: "葡萄", Total: amount, Pay: amount, Currency: "CNY"})
			}
		}
		if err := batch.Take(func(string, arrow.RecordBatch) error { return nil }); err != nil {
			b.Fatal(err)
		}
		batch.TakeSums()
	}
	b.ReportMetric(float64(orders*b.N)/b.Elapsed().Seconds(), "orders/s")
}
