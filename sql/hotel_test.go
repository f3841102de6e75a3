package sql

import (
	"database/sql"
	"strings"
	"testing"
)

// The stays of a hotel of ten rooms in the night of 11 March 2026 in Shanghai;
// 10 March is the last date that is over.
//
//	a  27 February to 2 March, 100.00: 33.33, 33.33 and, in March, 33.34
//	b  9 to 12 March, 600.00, in house: two nights of 200.00, the third booked
//	c  10 March, gone on the day it came, 80.00
//	d  since 9 March, in house, no departure, 500.00: nobody knows for how long
//	e  10 to 12 March, 300.00, a no-show: apart
//	f  8 to 10 March, 0.07: 0.03 and 0.04
//	g  1 to 3 March, canceled with its order, 90.00: apart
//	h  to come, booked for 13 and 14 March, 400.00
const hotelStays = `
	INSERT INTO main.orders (source, account, order_id, flow, status) VALUES
		('starhotel', 'inn', '1', 'revenue', 'in_progress'), ('starhotel', 'inn', '2', 'revenue', 'canceled'), ('akubela', 'locks', 'k', 'memo', 'completed');
	INSERT INTO main.stays (source, account, order_id, stay_id, room_no, guest_count, status, arrival_date, departure_date, room_amount, currency) VALUES
		('starhotel', 'inn', '1', 'a', '101', 2, 'completed', '2026-02-27', '2026-03-02', 100, 'CNY'),
		('starhotel', 'inn', '1', 'b', '102', 1, 'in_progress', '2026-03-09', '2026-03-12', 600, 'CNY'),
		('starhotel', 'inn', '1', 'c', '103', 1, 'completed', '2026-03-10', '2026-03-10', 80, 'CNY'),
		('starhotel', 'inn', '1', 'd', '104', 1, 'in_progress', '2026-03-09', NULL, 500, 'CNY'),
		('starhotel', 'inn', '1', 'e', '105', 1, 'closed', '2026-03-10', '2026-03-12', 300, 'CNY'),
		('starhotel', 'inn', '1', 'f', '106', 1, 'completed', '2026-03-08', '2026-03-10', 0.07, 'CNY'),
		('starhotel', 'inn', '2', 'g', '107', 1, 'confirmed', '2026-03-01', '2026-03-03', 90, 'CNY'),
		('starhotel', 'inn', '1', 'h', '101', 2, 'confirmed', '2026-03-13', '2026-03-15', 400, 'CNY'),
		('akubela', 'locks', 'k', 'k', 'A101', NULL, 'completed', '2026-02-27', '2026-03-02', NULL, NULL);`

func TestHotel(t *testing.T) {
	db := migrated(t)
	if _, err := db.Exec("SET TimeZone = 'UTC';" + night + hotelStays); err != nil {
		t.Fatal(err)
	}
	expect := func(name, query, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) { compareRows(t, db, query, want) })
	}
	expect("nights", "SELECT stay_id, business_date, night_no, nights, night_status, room_amount, unspread_amount FROM room_nights WHERE source = 'starhotel' ORDER BY stay_id, night_no", `
		a 2026-02-27 1 3 occupied 33.3300 -
		a 2026-02-28 2 3 occupied 33.3300 -
		a 2026-03-01 3 3 occupied 33.3400 -
		b 2026-03-09 1 3 occupied 200.0000 -
		b 2026-03-10 2 3 occupied 200.0000 -
		b 2026-03-11 3 3 booked 200.0000 -
		c 2026-03-10 1 1 occupied 80.0000 -
		d 2026-03-09 1 - occupied - 500.0000
		d 2026-03-10 2 - occupied - -
		e 2026-03-10 1 2 canceled 150.0000 -
		e 2026-03-11 2 2 canceled 150.0000 -
		f 2026-03-08 1 2 occupied 0.0300 -
		f 2026-03-09 2 2 occupied 0.0400 -
		g 2026-03-01 1 2 canceled 45.0000 -
		g 2026-03-02 2 2 canceled 45.0000 -
		h 2026-03-13 1 2 booked 200.0000 -
		h 2026-03-14 2 2 booked 200.0000 -`)

	// 10 March: b, c and d; (200.00 + 80.00) / 2, for nobody knows the rate of d,
	// and so not the revenue of a room to sell either. 1 March: 33.34 / 10.
	daily := "SELECT business_date, rooms_available, rooms_basis, rooms_occupied, occupancy, room_amount, rooms_unpriced, average_daily_rate, revenue_per_available_room, arrivals, departures, guests, rooms_booked, unspread_amount, canceled_nights, canceled_amount FROM hotel_daily WHERE business_date IN ('2026-02-28', '2026-03-01', '2026-03-02', '2026-03-09', '2026-03-10', '2026-03-11', '2026-03-15') ORDER BY business_date"
	// Without a stated number of rooms those that guests were in stand for it:
	// 101 until 1 March; 101, 106, 102 and 104 on the 9th, 103 with them on the 10th.
	expect("rooms seen", "SELECT business_date, rooms_available, rooms_basis, occupancy FROM hotel_daily WHERE business_date IN ('2026-03-01', '2026-03-09', '2026-03-10') ORDER BY 1", `
		2026-03-01 1 seen 1.0000
		2026-03-09 4 seen 0.7500
		2026-03-10 5 seen 0.6000`)
	if _, err := db.Exec("INSERT INTO audit.hotel_rooms VALUES ('starhotel', 'inn', 10)"); err != nil {
		t.Fatal(err)
	}
	expect("daily", daily, `
		2026-02-28 10 configured 1 0.1000 33.3300 0 33.33 3.33 0 0 2 0 - 0 -
		2026-03-01 10 configured 1 0.1000 33.3400 0 33.34 3.33 0 0 2 0 - 1 45.0000
		2026-03-02 10 configured 0 0.0000 0.0000 0 - 0.00 0 1 0 0 - 1 45.0000
		2026-03-09 10 configured 3 0.3000 200.0400 1 100.02 - 2 0 3 0 500.0000 0 -
		2026-03-10 10 configured 3 0.3000 280.0000 1 140.00 - 1 2 3 0 - 1 150.0000
		2026-03-11 10 configured - - - - - - 0 0 - 1 - 1 150.0000`)

	// March to the 10th: 33.34 + 0.03 + 200.04 + 280.00 in 1 + 1 + 3 + 3 rooms of
	// 100, two of them without a rate: 513.41 / 6 = 85.568…
	expect("compared", `SELECT business_date, rooms_occupied_day_before, rooms_occupied_week_before, rooms_occupied_month,
			room_amount_day_before, room_amount_month, occupancy_month, average_daily_rate_month, revenue_per_available_room_month, arrivals_month, departures_month
		FROM hotel_compared WHERE business_date IN ('2026-03-02', '2026-03-08', '2026-03-10') ORDER BY 1`, `
		2026-03-02 1 - 1 33.3400 33.3400 0.0500 33.34 1.67 0 1
		2026-03-08 0 1 2 0.0000 33.3700 0.0250 16.69 0.42 1 1
		2026-03-10 3 0 8 200.0400 513.4100 0.0800 85.57 - 4 3`)

	// No cent is lost: what is on the nights, and what stands apart, is the amount
	// of the stay.
	expect("nothing lost", `SELECT s.stay_id FROM main.stays s JOIN (
			SELECT stay_id, coalesce(sum(room_amount), 0) + coalesce(sum(unspread_amount), 0) AS amount FROM room_nights WHERE source = 'starhotel' GROUP BY 1
		) n USING (stay_id) WHERE n.amount <> s.room_amount`, ``)

	// occupancy_by_day says the same of the PMS.
	expect("occupancy agrees", `SELECT business_date, h.rooms_occupied, o.rooms_occupied FROM hotel_daily h
		LEFT JOIN occupancy_by_day o USING (business_date, source, account)
		WHERE h.business_date <= '2026-03-10' AND (h.rooms_occupied, h.rooms_booked, h.arrivals) IS DISTINCT FROM (coalesce(o.rooms_occupied, 0), coalesce(o.rooms_booked, 0), coalesce(o.arrivals, 0))`, ``)
}

// A room counts from a night with a guest for 365 days. In the inn
//
//	1  has one night, 1 January 2025: it counts to 31 December
//	2  1 March 2025, to 28 February 2026, and from the next day anew
//	3  28 February 2025, to 27 February 2026, and again from 10 March
//
// The lodge and the hut are of no place. The hut's one room has nights on 1 January and
// 1 February 2024; each alone would count to 30 December and, for that year has a 29 February,
// to 30 January 2025: it counts once where both do.
func TestRoomsSeen(t *testing.T) {
	db := migrated(t)
	if _, err := db.Exec("SET TimeZone = 'UTC';" + night + `
		INSERT INTO main.orders (source, account, order_id, flow, status)
		SELECT 'starhotel', unnest(['inn', 'lodge', 'hut']), '1', 'revenue', 'completed';
		INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_date, departure_date) VALUES
			('starhotel', 'inn', '1', 'a', '1', 'completed', '2025-01-01', '2025-01-02'),
			('starhotel', 'inn', '1', 'b', '2', 'completed', '2025-03-01', '2025-03-02'),
			('starhotel', 'inn', '1', 'c', '2', 'completed', '2026-03-01', '2026-03-02'),
			('starhotel', 'inn', '1', 'd', '3', 'completed', '2025-02-28', '2025-03-01'),
			('starhotel', 'inn', '1', 'e', '3', 'completed', '2026-03-10', '2026-03-11'),
			('starhotel', 'lodge', '1', 'f', '1', 'completed', '2026-03-09', '2026-03-10'),
			('starhotel', 'hut', '1', 'g', '1', 'completed', '2024-01-01', '2024-01-02'),
			('starhotel', 'hut', '1', 'h', '1', 'completed', '2024-02-01', '2024-02-02');`); err != nil {
		t.Fatal(err)
	}
	compareRows(t, db, `SELECT account, business_date, rooms_available, rooms_basis FROM hotel_daily
		WHERE account = 'inn' AND business_date IN ('2025-01-01', '2025-02-27', '2025-02-28', '2025-03-01', '2025-12-31', '2026-01-01', '2026-02-27', '2026-02-28', '2026-03-01', '2026-03-09', '2026-03-10')
			OR account = 'lodge' OR account = 'hut' AND business_date IN ('2024-02-01', '2024-12-30', '2024-12-31', '2025-01-30', '2025-01-31', '2026-03-10')
		ORDER BY account, business_date`, `
		hut 2024-02-01 1 seen
		hut 2024-12-30 1 seen
		hut 2024-12-31 1 seen
		hut 2025-01-30 1 seen
		hut 2025-01-31 - -
		hut 2026-03-10 - -
		inn 2025-01-01 1 seen
		inn 2025-02-27 1 seen
		inn 2025-02-28 2 seen
		inn 2025-03-01 3 seen
		inn 2025-12-31 3 seen
		inn 2026-01-01 2 seen
		inn 2026-02-27 2 seen
		inn 2026-02-28 1 seen
		inn 2026-03-01 1 seen
		inn 2026-03-09 1 seen
		inn 2026-03-10 2 seen
		lodge 2026-03-09 1 seen
		lodge 2026-03-10 1 seen`)
}

// What is paid back is spread like what is paid: -100.00 over three nights.
func TestNightsPaidBack(t *testing.T) {
	db := migrated(t)
	if _, err := db.Exec(night + `
		INSERT INTO main.orders (source, account, order_id, flow, status) VALUES ('starhotel', 'inn', '1', 'revenue', 'completed');
		INSERT INTO main.stays (source, account, order_id, stay_id, status, arrival_date, departure_date, room_amount)
		VALUES ('starhotel', 'inn', '1', 'a', 'completed', '2026-03-01', '2026-03-04', -100);`); err != nil {
		t.Fatal(err)
	}
	compareRows(t, db, "SELECT room_amount FROM room_nights ORDER BY night_no", `
		-33.3300
		-33.3300
		-33.3400`)
}

// Decimals of whole numbers are divided without a float, which would give ...504; a
// quotient that does not fit is an error. reports/spark asks Spark the same.
func TestWholePart(t *testing.T) {
	db := migrated(t)
	expanded := func(text string) string {
		text, err := Expand(DuckDB, Text{Path: "whole.sql", SQL: text})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	compareRows(t, db, expanded(`SELECT whole_part(7, 2), whole_part(0, 5), whole_part(9223372036854775807, 1),
		whole_part(99999999999999999999999999999::DECIMAL(38,0), 30000000000), typeof(whole_part(7::DECIMAL(38,0), 2))`),
		"3 0 9223372036854775807 3333333333333333333 BIGINT")
	if _, err := db.Exec(expanded("SELECT whole_part(99999999999999999999999999999::DECIMAL(38,0), 3)")); err == nil {
		t.Error("a quotient that does not fit is given")
	}
}

// Ratios are exact decimals, rounded half away from zero.
func TestRatios(t *testing.T) {
	db := migrated(t)
	compareRows(t, db, `SELECT main.per_room(100.00, 3), main.per_room(200.00, 3), main.per_room(0.01, 2), main.per_room(-0.01, 2), main.per_room(99999999999999.99, 1), main.per_room(1.00, 0), main.per_room(NULL, 3),
		typeof(main.per_room(1.00, 3)), main.share_of(2, 3), main.share_of(5, 4), main.share_of(0, 7), main.share_of(1, 0), typeof(main.share_of(1, 3))`,
		`33.33 66.67 0.01 -0.01 99999999999999.99 - - DECIMAL(18,2) 0.6667 1.2500 0.0000 - DECIMAL(9,4)`)
}

// compareRows compares a result with lines written by hand.
func compareRows(t *testing.T, db *sql.DB, query, want string) {
	t.Helper()
	lines := func(text string) string {
		var list []string
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		return strings.Join(list, "\n")
	}
	if got := printed(t, db, query); lines(got) != lines(want) {
		t.Errorf("got%s\nwant%s", got, want)
	}
}
