package recon

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// BenchmarkCheck checks a warehouse of 100,000 SOMS orders of three lines, one
// line in a thousand of which is wrong.
func BenchmarkCheck(b *testing.B) {
	const orders = 100_000
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	steps, err := sqlfiles.Steps()
	if err != nil {
		b.Fatal(err)
	}
	for _, statement := range []string{
		steps[0].SQL,
		fmt.Sprintf(`INSERT INTO main.orders (source, account, order_id, business_date, goods_amount, net_amount, currency)
			SELECT 'soms', 'retail', 'order-' || i, DATE '2026-01-01' + (i %% 90)::INTEGER, 60, 66, 'CNY' FROM range(%d) r(i)`, orders),
		fmt.Sprintf(`INSERT INTO main.order_items (source, account, order_id, line_no, unit_price, quantity, total_amount, pay_amount, currency)
			SELECT 'soms', 'retail', 'order-' || i, l, 10, 2, CASE WHEN (i * 3 + l) %% 1000 = 0 THEN 25 ELSE 20 END, 20, 'CNY' FROM range(%d) r(i), range(1, 4) n(l)`, orders),
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for b.Loop() {
		result, err := Check(context.Background(), conn, night(1))
		if err != nil {
			b.Fatal(err)
		}
		if result.Open[Error] != orders*3/1000 {
			b.Fatalf("%d breaks", result.Open[Error])
		}
	}
	b.ReportMetric(orders, "orders/op")
}
