package sheets

import (
	"context"
	"os"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// BenchmarkWorkbook writes the workbook of a day with 100,000 orders: 2.9
// million cells.
func BenchmarkWorkbook(b *testing.B) {
	db := reportstest.Fixture(b)
	reportstest.Exec(b, db, `INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_id, store_name, status, payment_status, refund_status, currency,
			gross_amount, discount_amount, freight_amount, net_amount, paid_amount, settle_amount, quantity, created_at, finished_at, booked_date, business_date)
		SELECT 'soms', 'retail', (9007199254740993 + n)::VARCHAR, 'retail', 'revenue', ['meituan', 'eleme', 'jd'][1 + n % 3], (n % 40)::VARCHAR, '门店 ' || n % 40,
			['completed', 'confirmed', 'canceled'][1 + n % 3], 'paid', 'none', 'CNY',
			100 + n % 977 + 0.01 * (n % 100), n % 7, n % 5, 100 + n % 977, 100 + n % 977, 98.7654, 1 + n % 4,
			TIMESTAMPTZ '2026-03-08 16:00:00+00' + to_seconds(n % 86400), TIMESTAMPTZ '2026-03-08 17:00:00+00' + to_seconds(n % 86400), '2026-03-09', '2026-03-09'
		FROM range(100000) t(n)`)
	dir := b.TempDir()
	b.ReportAllocs()
	var size int64
	for b.Loop() {
		path, err := Workbook(context.Background(), db, Options{Dir: dir, Language: labels.Chinese})
		if err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		size = info.Size()
	}
	b.ReportMetric(float64(size)/1e6, "MB_file")
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
