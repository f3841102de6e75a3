package recon

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// town fills a database file with a history of that many orders: of twenty,
// fourteen are the shop's, of three lines each, two the courier's, two placed
// in rooms, one a stay in the PMS and one its key. Six orders a minute; the
// rooms grow with the history, as a chain of houses does. One line in a
// thousand is wrong.
func town(b *testing.B, orders int) *sql.DB {
	b.Helper()
	db, err := sql.Open("duckdb", filepath.Join(b.TempDir(), "town.duckdb"))
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	makeSchema(b, db)
	const (
		shops    = " WHERE i % 20 < 14"
		couriers = " WHERE i % 20 IN (14, 15)"
		rooms    = " WHERE i % 20 IN (16, 17)"
		pms      = " WHERE i % 20 = 18"
		keys     = " WHERE i % 20 = 19"
		at       = "TIMESTAMPTZ '2024-01-01 00:00:00Z' + INTERVAL (i * 10) SECOND"
	)
	of := fmt.Sprintf(" FROM range(%d) r(i)", orders)
	// A room is let for twenty hours, by every second twentieth order.
	const room = "(i // 20) % 400"
	for _, statement := range []string{
		"SET TimeZone = 'UTC'",
		`INSERT INTO main.orders (source, account, order_id, order_no, channel, kind, status, refund_status, payment_status, created_at, business_date, gross_amount, goods_amount, freight_amount, packaging_amount, other_amount, discount_amount, net_amount, paid_amount, settle_amount, currency, payload_sha256, landing_ref, run_id)
			SELECT 'soms', 'retail', 's' || i, 'n' || sha256(i::VARCHAR)[:16], 'meituan', 'retail', 'completed', 'none', 'paid', ` + at + `, (` + at + `)::DATE, 60, 60, 6, 0, 0, 0, 66, 66, 66, 'CNY', sha256(i::VARCHAR), 'soms/' || i, 'r' || i // 10000` + of + shops,
		`INSERT INTO main.order_items (source, account, order_id, line_no, unit_price, quantity, total_amount, discount_amount, apportioned_discount_amount, pay_amount, currency, payload_sha256, landing_ref)
			SELECT 'soms', 'retail', 's' || i, l, 10, 2, CASE WHEN (i * 3 + l) % 1000 = 0 THEN 25 ELSE 20 END, 0, 0, CASE WHEN (i * 3 + l) % 1000 = 0 THEN 25 ELSE 20 END, 'CNY', sha256(i::VARCHAR), 'soms/' || i` + of + `, range(1, 4) n(l)` + shops,
		`INSERT INTO main.payments (source, account, order_id, line_no, amount, currency) SELECT 'soms', 'retail', 's' || i, 1, 66, 'CNY'` + of + shops,
		`INSERT INTO main.deliveries (source, account, order_id, delivery_id, waybill_no, carrier, status, fee_amount, currency)
			SELECT 'soms', 'retail', 's' || i, 'w' || i, 'w' || i, CASE WHEN i % 20 IN (0, 1) THEN 'gxd' ELSE 'dada' END, 'completed', 6, 'CNY'` + of + shops,
		`INSERT INTO main.orders (source, account, order_id, link_ref, kind, status, created_at, business_date, freight_amount, gross_amount, discount_amount, net_amount, currency)
			SELECT 'guoxiaodi', 'courier', 'g' || i, 's' || (i - 14), 'delivery', 'completed', ` + at + `, (` + at + `)::DATE, 6, 6, 0, 6, 'CNY'` + of + couriers,
		`INSERT INTO main.deliveries (source, account, order_id, delivery_id, weight_amount, distance_amount, currency) SELECT 'guoxiaodi', 'courier', 'g' || i, 'g' || i, 1, 5, 'CNY'` + of + couriers,
		`INSERT INTO main.orders (source, account, order_id, kind, status, room_no, created_at, business_date, gross_amount, net_amount, currency)
			SELECT 'tuya', 'hotel-a', 't' || i, 'room_service', 'completed', ` + room + `, ` + at + ` + INTERVAL 1 HOUR, (` + at + `)::DATE, 10, 10, 'CNY'` + of + rooms,
		`INSERT INTO main.orders (source, account, order_id, kind, status, created_at, business_date, gross_amount, net_amount, paid_amount, currency)
			SELECT 'starhotel', 'inn', 'h' || i, 'stay', 'completed', ` + at + `, (` + at + `)::DATE, 320, 320, 320, 'CNY'` + of + pms,
		`INSERT INTO main.orders (source, account, order_id, kind, status, created_at, business_date) SELECT 'akubela', 'tower', 'k' || i, 'stay', 'completed', ` + at + `, (` + at + `)::DATE` + of + keys,
		`INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_at, departure_at, arrival_date, departure_date, room_amount, consumption_amount, total_amount, currency)
			SELECT CASE WHEN i % 20 = 18 THEN 'starhotel' ELSE 'akubela' END, CASE WHEN i % 20 = 18 THEN 'inn' ELSE 'tower' END, CASE WHEN i % 20 = 18 THEN 'h' ELSE 'k' END || i, 'x' || i, ` + room + `, 'completed',
				` + at + `, ` + at + ` + INTERVAL 20 HOUR, (` + at + `)::DATE, (` + at + `)::DATE + 1, 300, 20, 320, 'CNY'` + of + ` WHERE i % 20 >= 18`,
		"INSERT INTO audit.order_versions BY NAME SELECT *, 1 AS version_no, created_at AS valid_from, NULL::TIMESTAMPTZ AS valid_to FROM main.orders",
		"CHECKPOINT",
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(statement, err)
		}
	}
	return db
}

// BenchmarkCheck checks what changed, 2,000 orders, within histories of
// several lengths, and everything.
func BenchmarkCheck(b *testing.B) {
	lengths := []int{100_000, 1_000_000}
	if os.Getenv("NIGHTAUDIT_LONG") == "1" {
		lengths = append(lengths, 10_000_000)
	}
	for _, orders := range lengths {
		db := town(b, orders)
		conn, err := db.Conn(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		if _, err := Check(b.Context(), conn, night(1), hamlet); err != nil { // the first looks at everything
			b.Fatal(err)
		}
		for n, full := range []bool{true, false} {
			b.Run(fmt.Sprintf("history=%d/full=%v", orders, full), func(b *testing.B) {
				o := hamlet
				o.Full = full
				seen := 0
				for b.Loop() {
					// The latest orders, as most that change.
					_, err := conn.ExecContext(b.Context(), "INSERT INTO recon.changed SELECT source, account, order_id FROM main.orders ORDER BY created_at DESC LIMIT 2000")
					if err != nil {
						b.Fatal(err)
					}
					result, err := Check(b.Context(), conn, night(2+n), o)
					if err != nil {
						b.Fatal(err)
					}
					seen = result.Orders
					if result.AtLeast(sqlfiles.Info) == 0 {
						b.Fatal("no breaks: nothing was compared")
					}
				}
				b.ReportMetric(float64(seen), "orders-seen")
			})
		}
	}
}
