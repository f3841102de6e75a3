package load

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// settled is a warehouse with the rows given, and the run that settles it.
func settled(t *testing.T, statements string) (*Warehouse, ledger.Run) {
	t.Helper()
	w := openMade(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
	if _, err := w.db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return w, ledger.Run{ID: "r9", At: time.Date(2026, 5, 2, 19, 0, 0, 0, time.UTC)}
}

func wantRows(t *testing.T, w *Warehouse, query string, want ...string) {
	t.Helper()
	if got := rowsOf(t, w, query); !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", query, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func rowsOf(t *testing.T, w *Warehouse, query string) (got []string) {
	t.Helper()
	rows, err := w.db.Query("SELECT concat_ws(' | ', *COLUMNS(*)) FROM (" + query + ")")
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// Order 1 was read under the earlier name only, order 2 under both: there the
// later reading stands, and its versions follow the earlier ones. The break of
// order 1 keeps what people wrote, on either side of a comparison; that of order
// 2, found under both names, takes it over.
const twoNames = `
SET TimeZone = 'UTC';
INSERT INTO audit.runs (run_id, started_at) VALUES ('r1', '2026-05-01 19:00:00Z');
INSERT INTO main.orders (source, account, order_id, net_amount, run_id) VALUES
	('soms', 'old', '1', 10, 'r1'), ('soms', 'old', '2', 20, 'r1'), ('soms', 'new', '2', 25, 'r2'), ('tuya', 'old', '1', 5, 'r1');
INSERT INTO main.order_items (source, account, order_id, line_no) VALUES ('soms', 'old', '2', 1), ('soms', 'old', '2', 2), ('soms', 'new', '2', 1), ('soms', 'old', '1', 1);
INSERT INTO main.reminders (source, account, remind_id, order_id) VALUES ('soms', 'old', 'a', '1'), ('soms', 'old', 'b', '2'), ('soms', 'new', 'b', '2');
INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, net_amount) VALUES
	('soms', 'old', '1', 1, '2026-05-01 19:00:00Z', NULL, 10),
	('soms', 'old', '2', 1, '2026-04-30 19:00:00Z', '2026-05-01 19:00:00Z', 19),
	('soms', 'old', '2', 2, '2026-05-01 19:00:00Z', NULL, 20),
	('soms', 'new', '2', 1, '2026-05-02 01:00:00Z', NULL, 25);
INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES
	('soms', 'old', 'Asia/Shanghai', '00:00', false, false), ('soms', 'new', 'Asia/Shanghai', '00:00', false, true);
INSERT INTO audit.extracts (run_id, source, account, stream, state) VALUES ('r1', 'soms', 'old', 'orders', 'complete');
INSERT INTO recon.links (rule, source, account, order_id, right_source, right_account, right_order_id) VALUES ('courier', 'guoxiaodi', 'c', 'G', 'soms', 'old', '1');
INSERT INTO recon.breaks BY NAME
SELECT *, recon.break_id(rule, source, account, order_id, NULL, right_source, right_account, right_order_id, NULL) AS break_id,
	'error' AS severity, 'amount' AS reason, '2026-05-01 19:00:00Z'::TIMESTAMPTZ AS first_seen, '2026-05-01 19:00:00Z'::TIMESTAMPTZ AS last_seen
FROM (VALUES
	('due', 'soms', 'old', '1', NULL, NULL, NULL, 'explained', 'chen', 'first'),
	('due', 'soms', 'old', '2', NULL, NULL, NULL, 'accepted', 'li', 'second'),
	('due', 'soms', 'new', '2', NULL, NULL, NULL, 'open', NULL, NULL),
	('fee', 'guoxiaodi', 'c', 'G', 'soms', 'old', '1', 'open', NULL, 'third'),
	('due', 'tuya', 'old', '1', NULL, NULL, NULL, 'open', NULL, 'another source')
) b(rule, source, account, order_id, right_source, right_account, right_order_id, status, owner, comment);
INSERT INTO recon.annotations (entry_id, break_id, annotated_at, overrode)
SELECT 'e1', break_id, '2026-05-01 20:00:00Z', false FROM recon.breaks WHERE source = 'soms' AND account = 'old' AND order_id = '1';
`

func TestRename(t *testing.T) {
	t.Parallel()
	w, run := settled(t, twoNames)
	var earlier string
	if err := w.db.QueryRow("SELECT break_id FROM recon.breaks WHERE source = 'soms' AND account = 'old' AND order_id = '1'").Scan(&earlier); err != nil {
		t.Fatal(err)
	}
	alias := Alias{"soms", "old", "new"}
	change := &AccountChange{Run: run, Source: "soms", Account: "new", Setting: SettingAccount, Before: "old", After: "new", Orders: 2}
	if err := w.Change(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if have, err := w.Entries(t.Context()); err != nil || !have[change.EntryID()] {
		t.Errorf("the database does not know that it holds %s: %v %v", change.EntryID(), have, err)
	}
	wantRows(t, w, "SELECT source, account, order_id, net_amount FROM main.orders ORDER BY ALL",
		"soms | new | 1 | 10.0000", "soms | new | 2 | 25.0000", "tuya | old | 1 | 5.0000")
	wantRows(t, w, "SELECT account, order_id, line_no FROM main.order_items ORDER BY ALL", "new | 1 | 1", "new | 2 | 1")
	wantRows(t, w, "SELECT account, remind_id, count(*) FROM main.reminders GROUP BY ALL ORDER BY ALL", "new | a | 1", "new | b | 1")
	wantRows(t, w, "SELECT account, order_id, version_no, valid_from, coalesce(valid_to::VARCHAR, 'now'), net_amount FROM audit.order_versions ORDER BY ALL",
		"new | 1 | 1 | 2026-05-01 19:00:00+00 | now | 10.0000",
		"new | 2 | 1 | 2026-04-30 19:00:00+00 | 2026-05-01 19:00:00+00 | 19.0000",
		"new | 2 | 2 | 2026-05-01 19:00:00+00 | 2026-05-02 01:00:00+00 | 20.0000",
		"new | 2 | 3 | 2026-05-02 01:00:00+00 | now | 25.0000")
	wantRows(t, w, "SELECT account FROM audit.accounts", "new")
	wantRows(t, w, "SELECT account FROM audit.extracts", "new")
	wantRows(t, w, "SELECT right_account FROM recon.links", "new")
	wantRows(t, w, "SELECT source, account, order_id, coalesce(right_account, '-'), status, coalesce(owner, '-'), comment FROM recon.breaks ORDER BY ALL",
		"guoxiaodi | c | G | new | open | - | third",
		"soms | new | 1 | - | explained | chen | first",
		"soms | new | 2 | - | accepted | li | second",
		"tuya | old | 1 | - | open | - | another source")
	wantRows(t, w, "SELECT count(*) FROM recon.breaks WHERE break_id <> recon.break_id(rule, source, account, order_id, line_no, right_source, right_account, right_order_id, NULL)", "0")
	wantRows(t, w, "SELECT b.comment FROM recon.annotations a JOIN recon.breaks b USING (break_id)", "first")
	wantRows(t, w, "SELECT account, setting, value_before, value_after, orders_moved FROM audit.basis_changes", "new | account | old | new | 2")

	// A workbook that was made before names the break as it was known then.
	ids, err := w.EarlierBreaks(t.Context(), []Alias{alias})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != 3 {
		t.Errorf("%d breaks had other ids, want the three of the account", len(ids))
	}
	wantRows(t, w, "SELECT comment FROM recon.breaks WHERE break_id = '"+ids[earlier]+"'", "first")
}

// A day that begins at six takes an order of half past five in China (21:30 UTC)
// to the day before, and one of six (22:00 UTC) not; a stay follows the arrival
// of its first room; what a source states as a date does not move. The order
// that is gone stays gone, on its new date.
func TestRestateStartOfDay(t *testing.T) {
	t.Parallel()
	w, run := settled(t, `
SET TimeZone = 'UTC';
INSERT INTO main.orders (source, account, order_id, kind, created_at, service_at, booked_date, service_date, business_date, deleted_at, run_id) VALUES
	('starhotel', 'inn', 'early', 'retail', '2026-04-30 21:30:00Z', NULL, '2026-05-01', NULL, '2026-05-01', NULL, 'r1'),
	('starhotel', 'inn', 'six', 'retail', '2026-04-30 22:00:00Z', NULL, '2026-05-01', NULL, '2026-05-01', NULL, 'r1'),
	('starhotel', 'inn', 'gone', 'retail', '2026-04-30 21:30:00Z', NULL, '2026-05-01', NULL, '2026-05-01', '2026-05-01 19:00:00Z', 'r1'),
	('starhotel', 'inn', 'stay', 'stay', '2026-04-29 04:00:00Z', '2026-04-30 21:00:00Z', '2026-04-29', '2026-05-01', '2026-05-01', NULL, 'r1'),
	('starhotel', 'inn', 'undated', 'retail', NULL, NULL, NULL, NULL, NULL, NULL, 'r1'),
	('starhotel', 'other', 'early', 'retail', '2026-04-30 21:30:00Z', NULL, '2026-05-01', NULL, '2026-05-01', NULL, 'r1');
INSERT INTO main.stays (source, account, order_id, stay_id, arrival_at, departure_at, arrival_date, departure_date) VALUES
	('starhotel', 'inn', 'stay', 'A', '2026-04-30 21:00:00Z', '2026-05-01 04:00:00Z', '2026-05-01', '2026-05-01');
INSERT INTO audit.order_versions BY NAME SELECT *, 1 AS version_no, '2026-05-01 19:00:00Z'::TIMESTAMPTZ AS valid_from FROM main.orders;
INSERT INTO audit.closes (period, date_from, date_to, closed_at, entry_id) VALUES ('2026-04', '2026-04-01', '2026-04-30', '2026-05-02 12:00:00Z', 'c');
`)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	basis := func(start time.Duration) AccountBasis {
		return AccountBasis{
			AccountID: ledger.AccountID{Source: "starhotel", Account: "inn"}, Currency: "CNY",
			Calendar: transform.Calendar{Zone: shanghai, DayStart: start},
		}
	}
	of := &Restatement{Source: Source{Name: "starhotel"}, Before: basis(0), After: basis(6 * time.Hour)}
	of.Changes = of.Before.ChangesTo(&of.After)
	if len(of.Changes) != 1 || of.Changes[0].String() != "business_day_start 00:00 → 06:00" {
		t.Fatalf("changes %v", of.Changes)
	}
	if why, err := w.CanRestate(t.Context(), run, of, []string{"inn"}); why != "" || err != nil {
		t.Fatalf("it cannot be restated: %s, %v", why, err)
	}
	if err := w.Restate(t.Context(), run, of); err != nil {
		t.Fatal(err)
	}
	wantRows(t, w, "SELECT account, order_id, coalesce(booked_date::VARCHAR, '-'), coalesce(business_date::VARCHAR, '-'), deleted_at IS NOT NULL, run_id FROM main.orders ORDER BY ALL",
		"inn | early | 2026-04-30 | 2026-04-30 | false | r9",
		"inn | gone | 2026-04-30 | 2026-04-30 | true | r9",
		"inn | six | 2026-05-01 | 2026-05-01 | false | r1",
		"inn | stay | 2026-04-29 | 2026-04-30 | false | r9",
		"inn | undated | - | - | false | r1",
		"other | early | 2026-05-01 | 2026-05-01 | false | r1")
	wantRows(t, w, "SELECT arrival_date, departure_date FROM main.stays", "2026-04-30 | 2026-05-01")
	wantRows(t, w, "SELECT order_id, version_no, valid_from, cause FROM audit.order_versions WHERE version_no > 1 ORDER BY ALL",
		"early | 2 | 2026-05-02 19:00:00+00 | configuration", "gone | 2 | 2026-05-02 19:00:00+00 | configuration", "stay | 2 | 2026-05-02 19:00:00+00 | configuration")
	wantRows(t, w, "SELECT order_id, change, cause FROM restatements ORDER BY ALL", "early | moved_in | configuration", "stay | moved_in | configuration")
	wantRows(t, w, "SELECT orders_moved, closed_periods FROM audit.basis_changes", "3 | 2026-04: 2")
	wantRows(t, w, "SELECT business_day_start FROM audit.accounts", "06:00:00")
	wantRows(t, w, "SELECT order_id FROM recon.changed ORDER BY ALL", "early", "gone", "stay")

	// Dates that do not follow from the instants cannot be derived anew.
	if _, err := w.db.Exec("UPDATE main.orders SET booked_date = '2020-01-01' WHERE order_id = 'six'"); err != nil {
		t.Fatal(err)
	}
	back := &Restatement{Source: of.Source, Before: of.After, After: of.Before}
	if why, err := w.CanRestate(t.Context(), run, back, []string{"inn"}); err != nil || !strings.Contains(why, "1 of its orders") {
		t.Errorf("why not: %q, %v", why, err)
	}
}

// The zone of a vendor's times is kept with the account, UTC as none is; another one
// is a change of what the rows rest on.
func TestWallZoneIsKept(t *testing.T) {
	t.Parallel()
	w, run := settled(t, "SET TimeZone = 'UTC'")
	tower := AccountBasis{AccountID: ledger.AccountID{Source: "akubela", Account: "tower"}, Currency: "CNY", Calendar: transform.Calendar{Zone: time.UTC}}
	local := tower
	local.WallZone = "Asia/Shanghai"
	for _, c := range []struct {
		entered AccountBasis
		changes string // to the other one
	}{
		{tower, "wall_zone UTC → Asia/Shanghai"},
		{local, "wall_zone Asia/Shanghai → UTC"},
	} {
		other := local
		if c.entered.WallZone != "" {
			other = tower
		}
		if err := w.EnterAccounts(t.Context(), run, []AccountBasis{c.entered}); err != nil {
			t.Fatal(err)
		}
		known, err := w.Bases(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kept := known[tower.AccountID]
		if same := kept.ChangesTo(&c.entered); len(same) > 0 {
			t.Errorf("entered as %q, it is kept as %q", c.entered.WallZone, kept.WallZone)
		}
		if changes := kept.ChangesTo(&other); len(changes) != 1 || changes[0].String() != c.changes {
			t.Errorf("changes %v, want %s", changes, c.changes)
		}
	}
}
