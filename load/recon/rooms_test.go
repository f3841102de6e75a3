package recon

import "testing"

// The hamlet's rooms: the PMS calls A what the others call 1, and all call 2
// the same. A day is written by its number in April 2026, a time in UTC.
const (
	pmsOrders = `INSERT INTO main.orders (source, account, order_id, status, net_amount, business_date, currency, deleted_at)
		SELECT 'starhotel', 'inn', o, s, n, '2026-04-01', 'CNY', CASE WHEN gone THEN TIMESTAMPTZ '2026-04-20 00:00:00Z' END FROM (VALUES `
	pmsStays = `INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_at, departure_at, arrival_date, departure_date, room_amount, consumption_amount, total_amount)
		SELECT 'starhotel', 'inn', o, i, r, s, DATE '2026-03-31' + a + TIME '06:00', DATE '2026-03-31' + d + TIME '04:00', DATE '2026-03-31' + a, DATE '2026-03-31' + d, p, c, p + c FROM (VALUES `
	keys = `INSERT INTO main.orders (source, account, order_id, status, business_date, deleted_at)
		SELECT 'akubela', 'tower', o, s, DATE '2026-03-31' + a, CASE WHEN gone THEN TIMESTAMPTZ '2026-04-20 00:00:00Z' END FROM (VALUES `
	keyStays = `INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_at, departure_at, arrival_date, departure_date)
		SELECT 'akubela', 'tower', o, o, r, s, DATE '2026-03-31' + a + TIME '07:00', DATE '2026-03-31' + d + TIME '03:00', DATE '2026-03-31' + a, DATE '2026-03-31' + d FROM (VALUES `
	roomOrders = `INSERT INTO main.orders (source, account, order_id, status, net_amount, room_no, created_at, business_date, currency)
		SELECT 'tuya', a, o, s, n, r, TIMESTAMPTZ '2026-03-31 00:00:00Z' + INTERVAL (h) HOUR, DATE '2026-03-31' + (h // 24)::INTEGER, 'CNY' FROM (VALUES `
)

func TestRoomCharges(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "room_charges", []string{
		pmsOrders + `
			('A-agrees', 'completed', 0, false), ('B-cent', 'completed', 0, false), ('C-unbilled', 'completed', 0, false),
			('D-canceled-billed', 'completed', 0, false), ('E-amount', 'completed', 0, false), ('F-two-rooms', 'completed', 0, false),
			('G-in-house', 'in_progress', 0, false), ('H-called-off', 'canceled', 0, false), ('I-deleted', 'completed', 0, true),
			('J-cutoff', 'completed', 0, false), ('K-handover', 'completed', 0, false), ('L-handover', 'completed', 0, false),
			('M-fen', 'completed', 0, false), ('N-quiet', 'completed', 0, false)) v(o, s, n, gone)`,
		// Each stay has a room of its own, but for the handover.
		pmsStays + `
			('A-agrees', '1', 'A', 'completed', 2, 4, 500, 30), ('B-cent', '2', '12', 'completed', 2, 4, 500, 30.01), ('C-unbilled', '3', '13', 'completed', 2, 4, 500, 30),
			('D-canceled-billed', '4', '14', 'completed', 2, 4, 500, 38), ('E-amount', '5', '15', 'completed', 2, 4, 500, 99),
			('F-two-rooms', '6', '16', 'completed', 2, 4, 500, 50), ('F-two-rooms', '7', '17', 'completed', 2, 4, 500, 0), ('F-two-rooms', '8', '18', 'canceled', 2, 4, 500, 77),
			('G-in-house', '9', '19', 'in_progress', 2, 4, 500, 0), ('H-called-off', '10', '20', 'completed', 2, 4, 500, 0), ('I-deleted', '11', '21', 'completed', 2, 4, 500, 0),
			('J-cutoff', '12', '22', 'completed', 2, 4, 500, 45), ('K-handover', '13', '23', 'completed', 2, 4, 500, 0), ('L-handover', '14', '23', 'completed', 3, 6, 500, 30),
			('M-fen', '15', '25', 'completed', 2, 4, 500, 3000), ('N-quiet', '16', '26', 'completed', 2, 4, 500, 0)) v(o, i, r, s, a, d, p, c)`,
		// h counts the hours from the start of March 31: 54 is 06:00 of April 2, 100 is 04:00 of April 4.
		roomOrders + `
			('hotel-a', 'a1', 'completed', 30, '1', 60), ('hotel-b', 'a2', 'completed', 99, '1', 60), -- another house's
			('hotel-a', 'a3', 'canceled', 99, '1', 60), ('hotel-a', 'a4', 'in_progress', 99, '1', 60),
			('hotel-a', 'b1', 'completed', 30, '12', 54), -- at the very arrival
			('hotel-a', 'c1', 'completed', 30, '13', 100), ('hotel-a', 'c2', 'completed', 12, '13', 70), -- at the very departure
			('hotel-a', 'd1', 'completed', 30, '14', 60), ('hotel-a', 'd2', 'canceled', 8, '14', 61),
			('hotel-a', 'e1', 'completed', 30, '15', 60), ('hotel-a', 'e2', 'completed', 10, '15', 60),
			('hotel-a', 'f1', 'completed', 20, '16', 60), ('hotel-a', 'f2', 'completed', 30, '17', 60),
			('hotel-a', 'g1', 'completed', 30, '19', 60), ('hotel-a', 'h1', 'completed', 30, '20', 60), ('hotel-a', 'i1', 'completed', 30, '21', 60),
			('hotel-a', 'j1', 'completed', 30, '22', 60), ('hotel-a', 'j2', 'completed', 15, '22', 120), -- 00:00 of April 5, the guest has left
			('hotel-a', 'l1', 'completed', 30, '23', 90), -- both are in the room: of the one who came last
			('hotel-a', 'm1', 'completed', 30, '25', 60)) v(a, o, s, n, r, h)`,
	}, []string{
		"C-unbilled | – | 42.0000 | 30.0000 | -12.0000 | CNY | one_component | the PMS billed a consumption of 30.00 for room 13, the orders finished there during the stay (2) come to 42.00: differs by 12.00, which is the order c2.",
		"D-canceled-billed | – | 30.0000 | 38.0000 | 8.0000 | CNY | one_component | the PMS billed a consumption of 38.00 for room 14, the orders finished there during the stay (1) come to 30.00: differs by 8.00, which is the canceled order d2.",
		"E-amount | – | 40.0000 | 99.0000 | 59.0000 | CNY | amount | the PMS billed a consumption of 99.00 for room 15, the orders finished there during the stay (2) come to 40.00: differs by 59.00.",
		"J-cutoff | – | 30.0000 | 45.0000 | 15.0000 | CNY | cutoff | the PMS billed a consumption of 45.00 for room 22, the orders finished there during the stay (1) come to 30.00: differs by 15.00, the counterpart stands on 2026-04-05.",
		"M-fen | – | 30.0000 | 3000.0000 | 2970.0000 | CNY | unit_factor_100 | the PMS billed a consumption of 3000.00 for room 25, the orders finished there during the stay (1) come to 30.00: differs by 2970.00, a factor of exactly 100, as between yuan and fen.",
	})
	equal(t, "links", query(t, db, "SELECT order_id, right_order_id, right_stay_id, certainty FROM recon.links WHERE order_id IN ('a1', 'a2', 'j2', 'l1') ORDER BY ALL"), []string{
		"a1 | A-agrees | 1 | likely", "l1 | L-handover | 14 | possible",
	})
	equal(t, "severity", query(t, db, "SELECT DISTINCT severity FROM recon.breaks"), []string{"info"})
}

func TestStayMatch(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "stay_match", []string{
		pmsOrders + `
			('A-key', 'completed', 0, false), ('B-no-key', 'completed', 0, false), ('C-booked', 'confirmed', 0, false), ('D-called-off', 'canceled', 0, false),
			('E-two-rooms', 'completed', 0, false), ('F-shifted', 'completed', 0, false), ('G-deleted', 'completed', 0, true), ('H-handover', 'completed', 0, false),
			('I-long-key', 'completed', 0, false)) v(o, s, n, gone)`,
		pmsStays + `
			('A-key', '1', 'A', 'completed', 2, 4, 0, 0), ('B-no-key', '2', '12', 'completed', 2, 4, 0, 0), ('C-booked', '3', '13', 'confirmed', 20, 22, 0, 0),
			('D-called-off', '4', '14', 'canceled', 2, 4, 0, 0), ('E-two-rooms', '5', '15', 'completed', 2, 4, 0, 0), ('E-two-rooms', '6', '16', 'completed', 2, 4, 0, 0),
			('E-two-rooms', '7', '17', 'completed', 2, 4, 0, 0), ('F-shifted', '8', '18', 'completed', 2, 3, 0, 0), ('G-deleted', '9', '19', 'completed', 2, 4, 0, 0),
			('H-handover', '10', '20', 'completed', 2, 3, 0, 0), ('I-long-key', '11', '21', 'completed', 4, 5, 0, 0)) v(o, i, r, s, a, d, p, c)`,
		keys + `
			('a', 'completed', 2, false), ('ghost', 'completed', 2, false), ('expected', 'confirmed', 2, false), ('e', 'completed', 2, false),
			('f', 'completed', 3, false), ('g', 'completed', 2, false), ('h', 'completed', 3, false), ('i', 'completed', 1, false), ('deleted', 'completed', 2, true)) v(o, s, a, gone)`,
		keyStays + `
			('a', '1', 'completed', 2, 4), ('ghost', '30', 'completed', 2, 4), ('expected', '31', 'confirmed', 2, 4), ('e', '16', 'completed', 2, 4),
			('f', '18', 'completed', 3, 4), -- the same night, a day later: no hour in common
			('g', '19', 'completed', 2, 4), ('h', '20', 'completed', 3, 5), ('i', '21', 'completed', 1, 9), ('deleted', '12', 'completed', 2, 4)) v(o, r, s, a, d)`,
		// The guest of H leaves room 20 two hours after the next one has come.
		`UPDATE main.stays SET departure_at = '2026-04-03 09:00:00Z' WHERE order_id = 'H-handover'`,
	}, []string{
		"B-no-key | – | – | – | 0.0000 | CNY | missing_right | the PMS has a stay in room 12 from 2026-04-02 to 2026-04-04, the access system has no key for it.",
		"E-two-rooms | – | – | – | 0.0000 | CNY | missing_right | the PMS has a stay in room 15, 17 from 2026-04-02 to 2026-04-04, the access system has no key for it.",
		"F-shifted | – | – | – | 0.0000 | CNY | cutoff | the PMS has a stay in room 18 from 2026-04-02 to 2026-04-03, the access system has no key for it, the counterpart stands on 2026-04-03.",
		"H-handover | – | – | – | 0.0000 | CNY | cutoff | the PMS has a stay in room 20 from 2026-04-02 to 2026-04-03, the access system has no key for it, the counterpart stands on 2026-04-03.",
		"f | – | – | – | 0.0000 | – | cutoff | the access system has a guest in room 18 from 2026-04-03 to 2026-04-04, the PMS has no such stay, the counterpart stands on 2026-04-02.",
		"g | – | – | – | 0.0000 | – | missing_right | the access system has a guest in room 19 from 2026-04-02 to 2026-04-04, the PMS has no such stay.",
		"ghost | – | – | – | 0.0000 | – | missing_right | the access system has a guest in room 30 from 2026-04-02 to 2026-04-04, the PMS has no such stay.",
		"h | – | – | – | 0.0000 | – | cutoff | the access system has a guest in room 20 from 2026-04-03 to 2026-04-05, the PMS has no such stay, the counterpart stands on 2026-04-02.",
	})
	equal(t, "severities", query(t, db, "SELECT DISTINCT source, severity FROM recon.breaks ORDER BY ALL"), []string{"akubela | warning", "starhotel | info"})
	equal(t, "links", query(t, db, "SELECT order_id, stay_id, right_order_id, right_stay_id, certainty FROM recon.links WHERE rule = 'stay' ORDER BY ALL"), []string{
		"a | a | A-key | 1 | likely", "e | e | E-two-rooms | 6 | likely", "i | i | I-long-key | 11 | possible",
	})
}

// A house without an access system or without room service is not held
// against what it does not have.
func TestPlacesWithoutACounterpart(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"stay_match", "room_charges"} {
		db := database(t,
			pmsOrders+`('B', 'completed', 0, false)) v(o, s, n, gone)`,
			pmsStays+`('B', '2', '12', 'completed', 2, 4, 500, 40)) v(o, i, r, s, a, d, p, c)`)
		alone := Options{Places: []Place{{Name: "inn", Accounts: map[string][]string{"starhotel": {"inn"}}}}}
		auditBy(t, db, night(1), alone, only(t, rule))
		equal(t, rule+" alone", query(t, db, breakColumns), nil)
		auditBy(t, db, night(2), hamlet, only(t, rule))
		if got := query(t, db, breakColumns); len(got) != 1 {
			t.Errorf("%s: %d breaks once the place is named, want 1: a new configuration checks everything", rule, len(got))
		}
	}
}

func TestStayTotal(t *testing.T) {
	t.Parallel()
	testCheck(t, "stay_total", []string{
		pmsOrders + `
			('A-equal', 'completed', 1000, false), ('B-more', 'completed', 1500, false), ('C-cent', 'completed', 999.99, false), ('D-less', 'completed', 920, false),
			('E-consumption', 'completed', 900, false), ('F-one-stay', 'completed', 400, false), ('G-canceled', 'canceled', 10, false), ('H-stay-canceled', 'completed', 1000, false),
			('I-deleted', 'completed', 10, true), ('J-late', 'completed', 800, false), ('K-unknown', 'completed', NULL, false)) v(o, s, n, gone)`,
		pmsStays + `
			('A-equal', '1', '1', 'completed', 2, 4, 900, 100), ('B-more', '2', '1', 'completed', 2, 4, 900, 100), ('C-cent', '3', '1', 'completed', 2, 4, 900, 100),
			('D-less', '4', '1', 'completed', 2, 4, 900, 100), ('E-consumption', '5', '1', 'completed', 2, 4, 900, 100),
			('F-one-stay', '6', '1', 'completed', 2, 4, 400, 0), ('F-one-stay', '7', '2', 'completed', 2, 4, 300, 50),
			('G-canceled', '8', '1', 'canceled', 2, 4, 900, 100), ('H-stay-canceled', '9', '1', 'completed', 2, 4, 900, 100), ('H-stay-canceled', '10', '2', 'canceled', 2, 4, 900, 100),
			('I-deleted', '11', '1', 'completed', 2, 4, 900, 100), ('J-late', '12', '1', 'completed', 2, 4, 900, 50), ('K-unknown', '13', '1', 'completed', 2, 4, 900, 50)) v(o, i, r, s, a, d, p, c)`,
		`INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, net_amount, status) VALUES
			('starhotel', 'inn', 'J-late', 1, '2026-04-04 20:00:00Z', '2026-04-07 20:00:00Z', 950, 'completed'),
			('starhotel', 'inn', 'D-less', 1, '2026-04-03 20:00:00Z', '2026-04-07 20:00:00Z', 1000, 'in_progress')`, // not final yet
	}, []string{
		"D-less | – | 920.0000 | 1000.0000 | 80.0000 | CNY | amount | its stays (1) come to 1000.00, but the order's total is 920.00: 80.00 too much.",
		"E-consumption | – | 900.0000 | 1000.0000 | 100.0000 | CNY | one_component | its stays (1) come to 1000.00, but the order's total is 900.00: 100.00 too much, which is the consumption of its stays.",
		"F-one-stay | – | 400.0000 | 750.0000 | 350.0000 | CNY | one_component | its stays (2) come to 750.00, but the order's total is 400.00: 350.00 too much, which is the stay 7.",
		"J-late | – | 800.0000 | 950.0000 | 150.0000 | CNY | late_change | its stays (1) come to 950.00, but the order's total is 800.00: 150.00 too much, after a change first seen on 2026-04-08 04:00; until then it agreed.",
	})
}
