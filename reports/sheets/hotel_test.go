package sheets

import (
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// On 9 March one guest of the inn came and one left. H32 pays 3,000.00 for three
// nights; H33 paid 3,974.50 for 31: 128.20 each, 128.50 for the last, that of
// 8 March. Three rooms have been seen within a year, two of them by the 8th.
// March so far: 7 × 128.20 + 128.50 + 1,000.00 in 9 room nights, of 8 × 2 + 3.
func TestHotelSheet(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	for _, test := range []struct{ figure, want string }{
		{"Rooms occupied", "1 1 1 9"},
		{"Occupancy", "0.3333 0.5 0.5 0.4737"},
		{"Room revenue", "1000 128.5 128.2 2025.9"},
		{"Average daily rate (ADR)", "1000 128.5 128.2 225.1"},
		{"Revenue per available room (RevPAR)", "333.33 64.25 64.1 106.63"},
		{"Arrivals", "1 0 0 1"},
		{"Departures", "1 0 0 1"},
	} {
		if got := reportstest.Values(t, f, "Hotel", reportstest.Row(t, f, "Hotel", test.figure), "DEFG"); got != test.want {
			t.Errorf("%s: %s, want %s", test.figure, got, test.want)
		}
	}
	// Nobody has said how many rooms there are, and the sheet says so.
	reportstest.Row(t, f, "Hotel", "The number of rooms is not configured (rooms_available): the 3 different rooms that guests were in within 365 days stand in for it. Where a room was empty all year, true occupancy and RevPAR are lower.")

	db := reportstest.Fixture(t)
	reportstest.Exec(t, db, `INSERT INTO audit.hotel_rooms VALUES ('starhotel', 'inn', 8);
		INSERT INTO audit.names VALUES ('account', 'starhotel', 'inn', 'The Inn'), ('channel', NULL, 'meituan', 'Meituan'), ('store', NULL, '1160823965053000000', 'Front desk')`)
	f, _ = makeWorkbook(t, db, Options{Language: labels.English})
	reportstest.Row(t, f, "Hotel", "Rooms available: 8, as configured (rooms_available).")
	if got := reportstest.Values(t, f, "Hotel", reportstest.Row(t, f, "Hotel", "Occupancy"), "DE"); got != "0.125 0.125" {
		t.Errorf("of eight rooms %s", got)
	}
	// Names stand in place of codes.
	reportstest.Row(t, f, "Summary", "starhotel", "The Inn")
	reportstest.Row(t, f, "Orders", "2026-03-09", "hotel-a", "Revenue", "Commodity", "T1", "Front desk")
	reportstest.Row(t, f, "Orders", "2026-03-09", "retail", "Revenue", "Retail", "S2", "浦东机场便利店", "Meituan")
}
