package sql

import (
	"database/sql"
	"strings"
	"testing"
)

// night is what all cases share: the night of 11 March 2026, one o'clock in
// Shanghai, which is still 10 March in UTC.
const night = `
	INSERT INTO audit.meta (database_id, schema_version, created_at, timezone, published_at)
	VALUES ('d', 1, '2026-01-01 00:00:00Z', 'Asia/Shanghai', '2026-03-10 17:00:00Z');
	INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured)
	VALUES ('starhotel', 'inn', 'Asia/Shanghai', '00:00', false, true);
	INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-03-10 17:00:00Z');
	INSERT INTO recon.places VALUES ('tower', 'starhotel', 'inn'), ('tower', 'akubela', 'locks');`

// Every expected figure is worked out by hand from the rows of its case.
func TestViews(t *testing.T) {
	for _, c := range []struct{ name, rows, query, want string }{
		{
			// a and c count; c is partly paid. b is canceled and z closed, with money
			// kept: both apart. r is refunded by its status, s by its refund. x is
			// deleted, m a memo, and the euro stands by itself.
			name: "daily_revenue",
			rows: `INSERT INTO main.orders (source, account, order_id, flow, status, payment_status, refund_status, currency, gross_amount, discount_amount, net_amount, paid_amount, business_date, deleted_at) VALUES
				('soms', 'retail', 'a', 'revenue', 'completed', 'paid', 'none', 'CNY', 12, 2, 10.0001, 10.0001, '2026-03-09', NULL),
				('soms', 'retail', 'b', 'revenue', 'canceled', 'unpaid', 'none', 'CNY', 5, NULL, 5, NULL, '2026-03-09', NULL),
				('starhotel', 'inn', 'z', 'revenue', 'closed', 'partial', NULL, 'CNY', 900, NULL, 900, 300, '2026-03-09', NULL),
				('soms', 'retail', 'c', 'revenue', 'confirmed', 'partial', NULL, 'CNY', 20, 0, 20, 8, '2026-03-09', NULL),
				('soms', 'retail', 'r', 'revenue', 'refunded', 'paid', NULL, 'CNY', 7, 0, 7, 7, '2026-03-09', NULL),
				('soms', 'retail', 's', 'revenue', 'completed', 'paid', 'refunded', 'CNY', 3, 0, 3, 3, '2026-03-09', NULL),
				('soms', 'retail', 'x', 'revenue', 'completed', 'paid', 'none', 'CNY', 100, 0, 100, 100, '2026-03-09', '2026-03-10 00:00:00Z'),
				('soms', 'retail', 'm', 'memo', 'completed', 'paid', 'none', 'CNY', 100, 0, 100, 100, '2026-03-09', NULL),
				('soms', 'retail', 'e', 'revenue', NULL, 'unpaid', NULL, 'EUR', 9, NULL, 9, NULL, '2026-03-09', NULL),
				('soms', 'retail', 'only', 'revenue', 'refunded', NULL, NULL, 'CNY', 4, NULL, 4, NULL, '2026-03-10', NULL)`,
			query: "SELECT * FROM daily_revenue ORDER BY ALL",
			want: `
				2026-03-09 soms retail CNY 2 32.0000 2.0000 30.0001 18.0001 12.0000 1 5.0000 2 10.0000
				2026-03-09 soms retail EUR 1 9.0000 - 9.0000 - 9.0000 0 0.0000 0 0.0000
				2026-03-09 starhotel inn CNY 0 0.0000 0.0000 0.0000 0.0000 0.0000 1 900.0000 0 0.0000
				2026-03-10 soms retail CNY 0 0.0000 0.0000 0.0000 0.0000 0.0000 0 0.0000 1 4.0000`,
		},
		{
			// Six orders of one kind: one completed, one completed but refunded,
			// one open, two canceled or closed, one of an unknown status. The cost
			// of a courier has a row of its own.
			name: "order_funnel",
			rows: `INSERT INTO main.orders (source, account, order_id, kind, flow, status, refund_status, currency, net_amount, business_date, deleted_at) VALUES
				('soms', 'retail', '1', 'retail', 'revenue', 'completed', 'none', 'CNY', 1, '2026-03-09', NULL),
				('soms', 'retail', '2', 'retail', 'revenue', 'completed', 'refunded', 'CNY', 2, '2026-03-09', NULL),
				('soms', 'retail', '3', 'retail', 'revenue', 'in_progress', NULL, 'CNY', 4, '2026-03-09', NULL),
				('soms', 'retail', '4', 'retail', 'revenue', 'canceled', NULL, 'CNY', 8, '2026-03-09', NULL),
				('soms', 'retail', '5', 'retail', 'revenue', 'closed', NULL, 'CNY', 16, '2026-03-09', NULL),
				('soms', 'retail', '6', 'retail', 'revenue', NULL, NULL, 'CNY', 32, '2026-03-09', NULL),
				('soms', 'retail', '7', 'retail', 'revenue', 'completed', NULL, 'CNY', 64, '2026-03-09', '2026-03-10 00:00:00Z'),
				('soms', 'retail', '8', 'delivery', 'cost', 'completed', NULL, 'CNY', 128, '2026-03-09', NULL)`,
			query: "SELECT kind, flow, orders, pending, confirmed, in_progress, completed, canceled, closed, refunded, unknown, completed_amount, open_amount, canceled_amount, refunded_amount FROM order_funnel ORDER BY ALL",
			want: `
				delivery cost 1 0 0 0 1 0 0 0 0 128.0000 0.0000 0.0000 0.0000
				retail revenue 6 0 0 1 1 1 1 1 1 1.0000 36.0000 24.0000 2.0000`,
		},
		{
			// Each order has one standing, the gravest: gone, refunded, canceled or
			// closed, live. Outstanding is what is due of live revenue that is not
			// paid in full; a cost is what is kept of an order that was called off,
			// nothing where nothing is said to be kept.
			name: "classified_orders",
			rows: `INSERT INTO main.orders (source, account, order_id, flow, status, refund_status, payment_status, net_amount, paid_amount, deduction_amount, deleted_at) VALUES
				('s', 'a', '01', 'revenue', 'completed', 'none', 'partial', 10, 4, NULL, NULL),
				('s', 'a', '02', 'revenue', NULL, NULL, 'unpaid', 10, NULL, NULL, NULL),
				('s', 'a', '03', 'revenue', 'completed', 'none', 'paid', 10, 9, NULL, NULL),
				('s', 'a', '04', 'revenue', 'canceled', 'none', 'unpaid', 10, 4, NULL, NULL),
				('s', 'a', '05', 'revenue', 'closed', NULL, 'partial', 10, 4, NULL, NULL),
				('s', 'a', '06', 'revenue', 'completed', 'refunded', 'partial', 10, 4, NULL, NULL),
				('s', 'a', '07', 'revenue', 'canceled', 'refunded', 'paid', 10, 4, NULL, NULL),
				('s', 'a', '08', 'revenue', 'canceled', 'refunded', 'paid', 10, 4, NULL, '2026-03-10 00:00:00Z'),
				('s', 'a', '09', 'memo', 'completed', NULL, 'unpaid', 10, 0, NULL, NULL),
				('s', 'a', '10', 'cost', 'completed', NULL, 'paid', 10, 10, 3, NULL),
				('s', 'a', '11', 'cost', 'canceled', NULL, 'paid', 10, 10, 3, NULL),
				('s', 'a', '12', 'cost', 'refunded', NULL, 'paid', 10, 10, NULL, NULL),
				('s', 'a', '13', 'cost', 'completed', 'refunded', 'paid', 10, 10, 2, NULL),
				('s', 'a', '14', 'cost', 'completed', NULL, 'paid', 10, 10, NULL, '2026-03-10 00:00:00Z')`,
			query: "SELECT order_id, standing, outstanding_amount, cost_amount FROM classified_orders ORDER BY order_id",
			want: `
				01 live 6.0000 -
				02 live 10.0000 -
				03 live - -
				04 canceled - -
				05 canceled - -
				06 refunded - -
				07 refunded - -
				08 deleted - -
				09 live - -
				10 live - 10.0000
				11 canceled - 3.0000
				12 refunded - 0.0000
				13 refunded - 2.0000
				14 deleted - -`,
		},
		{
			// The book of the 8th to the 9th. A break of the 7th is carried forward
			// while it is open or explained; an accepted one is not, a resolved one
			// is nowhere, one of the 10th is in a later book. What has no date
			// stands apart. A drift is of no order and says its flow; a count of
			// records has none.
			name: "book_breaks",
			rows: `INSERT INTO main.orders (source, account, order_id, flow) VALUES
				('s', 'a', 'o', 'revenue'), ('s', 'a', 'c', 'cost');
				INSERT INTO recon.breaks (break_id, source, account, order_id, business_date, status, facts, rule, severity, reason, first_seen, last_seen) SELECT *, 'r', 'error', 'amount', '2026-03-10 00:00:00Z', '2026-03-10 00:00:00Z' FROM (VALUES
				('1', 's', 'a', 'o', '2026-03-08'::DATE, 'open', NULL::JSON), ('2', 's', 'a', 'c', '2026-03-09', 'accepted', '{}'),
				('3', 's', 'a', 'o', '2026-03-07', 'open', NULL), ('4', 's', 'a', 'o', '2026-03-07', 'explained', NULL),
				('5', 's', 'a', 'o', '2026-03-07', 'accepted', NULL), ('6', 's', 'a', 'o', '2026-03-09', 'resolved', NULL),
				('7', 's', 'a', 'o', '2026-03-10', 'open', NULL), ('8', 's', 'a', 'orders', NULL, 'accepted', NULL),
				('9', 's', 'a', 'store 7', '2026-03-09', 'open', '{"flow":"revenue"}'))`,
			query: "SELECT break_id, section, flow, status FROM recon.book_breaks('2026-03-08'::DATE, '2026-03-09'::DATE) ORDER BY break_id",
			want: `
				1 book revenue open
				2 book cost accepted
				3 carried_forward revenue open
				4 carried_forward revenue explained
				8 undated - accepted
				9 book revenue open`,
		},
		{
			// The run began at 17:00 UTC on the 11th, one o'clock of the 12th in
			// Shanghai, where the day rolls at midnight: the 11th is over, though
			// it is not in UTC. 11 and 4 March are 0 and 7 days old, 3 March is 8,
			// 9 February 30, 8 February 31, 11 December 90, 10 December 91 days.
			name: "unpaid_by_age",
			rows: `INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-03-11 17:00:00Z');
				INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES
				('soms', 'retail', 'Asia/Shanghai', '00:00', false, true);
				INSERT INTO main.orders (source, account, order_id, flow, status, payment_status, refund_status, currency, net_amount, paid_amount, business_date, deleted_at) VALUES
				('soms', 'retail', '1', 'revenue', 'confirmed', 'unpaid', NULL, 'CNY', 1, NULL, '2026-03-11', NULL),
				('soms', 'retail', '2', 'revenue', 'completed', 'partial', 'none', 'CNY', 10, 4.5, '2026-03-04', NULL),
				('soms', 'retail', '3', 'revenue', 'completed', 'unpaid', NULL, 'CNY', 3, 0, '2026-03-03', NULL),
				('soms', 'retail', '4', 'revenue', 'completed', 'unpaid', NULL, 'CNY', 4, 0, '2026-02-09', NULL),
				('soms', 'retail', '5', 'revenue', 'completed', 'unpaid', NULL, 'CNY', 5, 0, '2026-02-08', NULL),
				('soms', 'retail', '6', 'revenue', 'completed', 'unpaid', NULL, 'CNY', 6, 0, '2025-12-11', NULL),
				('soms', 'retail', '7', 'revenue', NULL, 'unpaid', NULL, 'CNY', 7, 0, '2025-12-10', NULL),
				('soms', 'retail', '8', 'revenue', 'confirmed', 'unpaid', NULL, 'CNY', 8, 0, '2026-03-12', NULL),
				('soms', 'retail', 'canceled', 'revenue', 'canceled', 'unpaid', NULL, 'CNY', 100, 0, '2026-03-11', NULL),
				('soms', 'retail', 'closed', 'revenue', 'closed', 'unpaid', NULL, 'CNY', 100, 0, '2026-03-11', NULL),
				('soms', 'retail', 'refunded', 'revenue', 'completed', 'partial', 'refunded', 'CNY', 100, 0, '2026-03-11', NULL),
				('soms', 'retail', 'paid', 'revenue', 'completed', 'paid', NULL, 'CNY', 100, 100, '2026-03-11', NULL),
				('soms', 'retail', 'cost', 'cost', 'completed', 'unpaid', NULL, 'CNY', 100, 0, '2026-03-11', NULL),
				('soms', 'retail', 'gone', 'revenue', 'completed', 'unpaid', NULL, 'CNY', 100, 0, '2026-03-11', '2026-03-10 00:00:00Z')`,
			query: "SELECT as_of, from_days, age, orders, net_amount, paid_amount, outstanding_amount, oldest_date FROM unpaid_by_age ORDER BY from_days",
			want: `
				2026-03-11 0 0-7 2 11.0000 4.5000 6.5000 2026-03-04
				2026-03-11 8 8-30 2 7.0000 0.0000 7.0000 2026-02-09
				2026-03-11 31 31-90 2 11.0000 0.0000 11.0000 2025-12-11
				2026-03-11 91 90+ 1 7.0000 0.0000 7.0000 2025-12-10
				2026-03-11 - not_due 1 8.0000 0.0000 8.0000 2026-03-12`,
		},
		{
			// S1 was sent once for 9.50 and its tip. S2 was sent twice: the first
			// courier was canceled with 2.00 kept back, the second cost 8.00. C4
			// answers to no order of the shop, C5's order is deleted there, and C6
			// was refunded with nothing kept.
			name: "courier_cost_per_order",
			rows: `INSERT INTO main.orders (source, account, order_id, kind, flow, status, currency, net_amount, deduction_amount, tip_amount, freight_amount, business_date, deleted_at) VALUES
				('soms', 'retail', 'S1', 'retail', 'revenue', 'completed', 'CNY', 100, NULL, NULL, 5, '2026-03-09', NULL),
				('soms', 'retail', 'S2', 'retail', 'revenue', 'completed', 'CNY', 100, NULL, NULL, 6, '2026-03-09', NULL),
				('soms', 'retail', 'S5', 'retail', 'revenue', 'completed', 'CNY', 100, NULL, NULL, 6, '2026-03-09', '2026-03-10 00:00:00Z'),
				('guoxiaodi', 'courier', 'C1', 'delivery', 'cost', 'completed', 'CNY', 9.5, NULL, 1.5, 9, '2026-03-09', NULL),
				('guoxiaodi', 'courier', 'C2', 'delivery', 'cost', 'canceled', 'CNY', 7, 2, 1, 9, '2026-03-09', NULL),
				('guoxiaodi', 'courier', 'C3', 'delivery', 'cost', 'completed', 'CNY', 8, NULL, NULL, 9, '2026-03-10', NULL),
				('guoxiaodi', 'courier', 'C4', 'delivery', 'cost', 'in_progress', 'CNY', 4, NULL, 0, 9, '2026-03-10', NULL),
				('guoxiaodi', 'courier', 'C5', 'delivery', 'cost', 'completed', 'CNY', 3, NULL, 0, 9, '2026-03-10', NULL),
				('guoxiaodi', 'courier', 'C6', 'delivery', 'cost', 'refunded', 'CNY', 3, NULL, 0, 9, '2026-03-10', NULL),
				('guoxiaodi', 'courier', 'C7', 'delivery', 'cost', 'completed', 'CNY', 3, NULL, 0, 9, '2026-03-10', '2026-03-10 00:00:00Z');
				INSERT INTO recon.links (rule, source, account, order_id, right_source, right_account, right_order_id) VALUES
				('courier', 'soms', 'retail', 'S1', 'guoxiaodi', 'courier', 'C1'),
				('courier', 'soms', 'retail', 'S2', 'guoxiaodi', 'courier', 'C2'),
				('courier', 'soms', 'retail', 'S2', 'guoxiaodi', 'courier', 'C3'),
				('courier', 'soms', 'retail', 'S5', 'guoxiaodi', 'courier', 'C5'),
				('stay', 'soms', 'retail', 'S2', 'guoxiaodi', 'courier', 'C4')`,
			query: "SELECT business_date, order_id, shop_source, shop_order_id, deliveries, canceled, currency, cost_amount, tip_amount, charged_amount, charged_currency FROM courier_cost_per_order ORDER BY order_id",
			want: `
				2026-03-09 C1 soms S1 1 0 CNY 9.5000 1.5000 5.0000 CNY
				2026-03-09 C2 soms S2 2 1 CNY 10.0000 - 6.0000 CNY
				2026-03-10 C4 - - 1 0 CNY 4.0000 0.0000 - -
				2026-03-10 C5 - - 1 0 CNY 3.0000 0.0000 - -
				2026-03-10 C6 - - 1 1 CNY 0.0000 - - -`,
		},
		{
			// 101 is left on the 10th and taken again that day; 102 is taken on the
			// 11th, the night's own day, which is not over; 103 is booked from the
			// 11th; 104 came and left on the 9th; 105 was canceled, 106 closed, 107
			// is of a deleted order. A room without a number was taken on the 10th
			// and is to be left on the 13th.
			name: "occupancy_by_day",
			rows: `INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-03-10 17:00:00Z');
				INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES
				('starhotel', 'inn', 'Asia/Shanghai', '00:00', false, true);
				INSERT INTO main.orders (source, account, order_id, status, deleted_at)
				SELECT 'starhotel', 'inn', unnest(['1', '2']), 'completed', NULL;
				INSERT INTO main.orders (source, account, order_id, status, deleted_at) VALUES
				('starhotel', 'inn', 'x', 'canceled', NULL), ('starhotel', 'inn', 'gone', 'completed', '2026-03-10 00:00:00Z'), ('akubela', 'locks', 'k', 'completed', NULL);
				INSERT INTO main.stays (source, account, order_id, stay_id, room_no, guest_count, status, arrival_date, departure_date) VALUES
				('starhotel', 'inn', '1', 'a', '101', 2, 'completed', '2026-03-09', '2026-03-10'),
				('starhotel', 'inn', '1', 'b', '101', 1, 'completed', '2026-03-10', '2026-03-11'),
				('starhotel', 'inn', '1', 'c', '102', 1, 'in_progress', '2026-03-11', '2026-03-12'),
				('starhotel', 'inn', '2', 'd', '103', NULL, 'confirmed', '2026-03-11', '2026-03-12'),
				('starhotel', 'inn', '2', 'e', '104', 3, 'completed', '2026-03-09', '2026-03-09'),
				('starhotel', 'inn', 'x', 'f', '105', 1, 'completed', '2026-03-09', '2026-03-10'),
				('starhotel', 'inn', '2', 'g', '106', 1, 'closed', '2026-03-09', '2026-03-10'),
				('starhotel', 'inn', 'gone', 'h', '107', 1, 'completed', '2026-03-09', '2026-03-10'),
				('starhotel', 'inn', '2', 'i', NULL, 2, 'in_progress', '2026-03-10', '2026-03-13'),
				('akubela', 'locks', 'k', 'k', 'A101', NULL, 'completed', '2026-03-09', '2026-03-10')`,
			query: "SELECT * FROM occupancy_by_day ORDER BY business_date, source",
			want: `
				2026-03-09 tower akubela locks 1 0 - 1
				2026-03-09 tower starhotel inn 2 0 5 2
				2026-03-10 tower starhotel inn 2 0 3 2
				2026-03-11 tower starhotel inn 0 3 - 2
				2026-03-12 tower starhotel inn 0 1 - 0`,
		},
		{
			// Stay a had two orders and a canceled one; one of its orders was paid
			// in euros. b had none. c is of a deleted order, and k is no PMS's.
			name: "room_service_per_stay",
			rows: `INSERT INTO main.orders (source, account, order_id, kind, flow, status, currency, net_amount, deleted_at) VALUES
				('starhotel', 'inn', '1', 'stay', 'revenue', 'completed', 'CNY', 500, NULL),
				('starhotel', 'inn', 'gone', 'stay', 'revenue', 'completed', 'CNY', 500, '2026-03-10 00:00:00Z'),
				('akubela', 'locks', 'k', 'stay', 'memo', 'completed', NULL, NULL, NULL),
				('tuya', 'rooms', 't1', 'room_service', 'memo', 'completed', 'CNY', 30.5, NULL),
				('tuya', 'rooms', 't2', 'commodity', 'memo', 'in_progress', 'CNY', 10, NULL),
				('tuya', 'rooms', 't3', 'room_service', 'memo', 'canceled', 'CNY', 99, NULL),
				('tuya', 'rooms', 't4', 'room_service', 'memo', 'completed', 'EUR', 5, NULL),
				('tuya', 'rooms', 't5', 'service_request', 'memo', 'completed', 'CNY', 77, NULL),
				('tuya', 'rooms', 't6', 'room_service', 'memo', 'completed', 'CNY', 88, '2026-03-10 00:00:00Z');
				INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_date, departure_date, currency, consumption_amount) VALUES
				('starhotel', 'inn', '1', 'a', '101', 'completed', '2026-03-08', '2026-03-10', 'CNY', 38),
				('starhotel', 'inn', '1', 'b', '102', 'completed', '2026-03-08', '2026-03-10', 'CNY', 0),
				('starhotel', 'inn', 'gone', 'c', '103', 'completed', '2026-03-08', '2026-03-10', 'CNY', 12),
				('akubela', 'locks', 'k', 'k', 'A101', 'completed', '2026-03-08', '2026-03-10', NULL, NULL);
				INSERT INTO recon.links (rule, source, account, order_id, right_source, right_account, right_order_id, right_stay_id)
				SELECT 'room_order', 'tuya', 'rooms', unnest(['t1', 't2', 't3', 't4', 't5', 't6']), 'starhotel', 'inn', '1', 'a'`,
			query: "SELECT order_id, stay_id, room_no, status, arrival_date, departure_date, currency, orders, canceled_orders, ordered_amount, consumption_amount FROM room_service_per_stay ORDER BY stay_id, currency",
			want: `
				1 a 101 completed 2026-03-08 2026-03-10 CNY 2 1 40.5000 38.0000
				1 a 101 completed 2026-03-08 2026-03-10 EUR 1 0 5.0000 -
				1 b 102 completed 2026-03-08 2026-03-10 CNY 0 0 0.0000 0.0000`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := migrated(t)
			if _, err := db.Exec("SET TimeZone = 'UTC';" + night + c.rows); err != nil {
				t.Fatal(err)
			}
			got := printed(t, db, c.query)
			if got != c.want {
				t.Errorf("got%s\nwant%s", got, c.want)
			}
		})
	}
}

// printed is a result as the cases above write it: a row a line, null as -.
func printed(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query("SELECT COLUMNS(*)::VARCHAR FROM (" + query + ")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var text strings.Builder
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = "-"
			if v.Valid {
				words[i] = v.String
			}
		}
		text.WriteString("\n\t\t\t\t" + strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
