package spark

import (
	"context"
	"database/sql"
	_ "embed"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

//go:embed testdata/checks.sql
var found string

// checkedDatabase is the small hotel group, with something for each check to find, as a
// night of DuckDB left it: run-3, at 02:00 in Shanghai.
func checkedDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db := reportstest.Fixture(t)
	reportstest.Exec(t, db, "DELETE FROM recon.breaks")
	reportstest.Exec(t, db, found)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	night := ledger.Run{ID: "run-3", At: time.Date(2026, 3, 9, 18, 0, 0, 0, time.UTC)}
	_, err = recon.Check(t.Context(), tx, night, recon.Options{
		Places:   []recon.Place{{Name: "tower", Accounts: map[string][]string{"tuya": {"hotel-a"}, "akubela": {"tower"}, "starhotel": {"inn"}}, Rooms: map[string]string{"8801": "A8801"}}},
		Couriers: []recon.Courier{{Source: "guoxiaodi", Account: "courier", ShopSource: "soms", ShopAccount: "retail", Carriers: []string{"gxd"}, Number: "order_id"}},
		Zone:     "Asia/Shanghai",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return db
}

// texts are the rows of a statement, each as text, null as –.
func texts(t *testing.T, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.Query("SELECT concat_ws(' | ', *COLUMNS(*)) FROM (SELECT coalesce(COLUMNS(*)::VARCHAR, '–') FROM (" + statement + "))")
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// standing are the breaks that hold, with all that a check says of them.
const standing = `SELECT * EXCLUDE (first_seen, last_seen, resolved_at) FROM recon.breaks WHERE status <> 'resolved' ORDER BY rule, break_id`

// The fixture has something to find for each check, within the tolerance too.
func TestEveryCheckFindsSomething(t *testing.T) {
	db := checkedDatabase(t)
	if lacking := texts(t, db, "SELECT rule FROM recon.rules ANTI JOIN recon.breaks USING (rule)"); len(lacking) > 0 {
		t.Errorf("nothing is found by %v", lacking)
	}
	if n := texts(t, db, "SELECT count(*) >= 101 FROM recon.small_differences"); n[0] != "true" {
		t.Error("fewer than 101 small differences")
	}
	same(t, texts(t, db, "SELECT DISTINCT rule FROM recon.links ORDER BY 1"), []string{"courier", "room_order", "stay"})
}

// The checks run anew where another engine has the facts find what the night found: the
// same breaks, with the same amounts, reasons, facts and sentences, down to the last
// character. Here the other engine is a DuckDB, beside the one in which sentences are made.
func TestChecksElsewhere(t *testing.T) {
	compareChecks(t, shownIn)
}

// Through Spark they find the same over a lake.
func TestChecksAgree(t *testing.T) {
	server(t).Close() // or skips
	compareChecks(t, func(t *testing.T, db *sql.DB) recon.Facts {
		folder := t.TempDir()
		commit(t, db, folder)
		return lakeOf(t, folder, "")
	})
}

// Of a lake that two machines fill, each with other systems of one hotel group, the checks
// find over all databases what a night finds that has all of them.
func TestChecksAcrossDatabases(t *testing.T) {
	server(t).Close() // or skips
	want := texts(t, checkedDatabase(t), standing)
	warehouse := t.TempDir()
	for database, systems := range map[string]string{"first": "'soms', 'starhotel'", "second": "'guoxiaodi', 'akubela', 'tuya'"} {
		db := checkedDatabase(t)
		for _, table := range texts(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_columns() WHERE column_name = 'source' AND schema_name IN ('main', 'audit') AND table_name IN (SELECT table_name FROM duckdb_tables())") {
			reportstest.Exec(t, db, "DELETE FROM "+table+" WHERE source NOT IN ("+systems+")")
		}
		reportstest.Exec(t, db, "UPDATE audit.meta SET database_id = '"+database+"'; DELETE FROM recon.breaks; DELETE FROM recon.small_differences")
		commit(t, db, warehouse)
	}
	lake := lakeOf(t, warehouse, "first")
	if err := lake.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, foundBy(t, lake), want)
}

// otherDuckDB has the facts as a lake has them. What it shows lies in a schema that is
// looked into first.
type otherDuckDB struct{ db *sql.DB }

func shownIn(t *testing.T, db *sql.DB) recon.Facts {
	t.Helper()
	reportstest.Exec(t, db, "CREATE SCHEMA shown; SET search_path = 'shown,main'")
	return otherDuckDB{db}
}

func (o otherDuckDB) Show(ctx context.Context, name string, text sqlfiles.Text) error {
	return o.exec(ctx, "CREATE OR REPLACE VIEW shown."+name+" AS ", text, "")
}

func (o otherDuckDB) Write(ctx context.Context, text sqlfiles.Text, file string) error {
	return o.exec(ctx, "COPY (", text, "\n) TO '"+file+"' (FORMAT parquet)")
}

func (o otherDuckDB) exec(ctx context.Context, before string, text sqlfiles.Text, after string) error {
	statement, err := sqlfiles.Expand(sqlfiles.DuckDB, text)
	if err == nil {
		_, err = o.db.ExecContext(ctx, before+statement+after)
	}
	return err
}

// compareChecks compares what a night found with what checks find anew where facts are made
// of its database. Of the breaks the night has kept little: what is compared is made anew.
func compareChecks(t *testing.T, facts func(*testing.T, *sql.DB) recon.Facts) {
	t.Helper()
	db := checkedDatabase(t)
	want := texts(t, db, standing)
	if len(want) < 60 {
		t.Fatalf("the night found %d breaks", len(want))
	}
	// It knows one break that is not there, lacks one, and has one of another amount; a
	// person has accepted one and explained that of another amount.
	reportstest.Exec(t, db, `
		UPDATE recon.breaks SET facts = NULL, explanation_en = NULL, explanation_zh = NULL, business_date = NULL, difference = difference;
		UPDATE recon.breaks SET break_id = 'elsewhere' WHERE rule = 'undated';
		UPDATE recon.breaks SET status = 'accepted', owner = 'Chen Jing' WHERE rule = 'duplicate';
		UPDATE recon.breaks SET actual = actual + 1, difference = difference + 1, status = 'explained' WHERE rule = 'stay_total'`)
	for i := range want {
		if strings.Contains(want[i], " | duplicate | error | ") {
			want[i] = strings.Replace(want[i], " | open | – | –", " | accepted | Chen Jing | –", 1)
		}
	}

	file := filepath.Join(t.TempDir(), "found.duckdb")
	w, err := load.Open(t.Context(), load.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.CheckElsewhere(t.Context(), facts(t, db), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	anew := reportstest.OpenFile(t, file)
	if result.New != 1 || result.Resolved != 1 || result.Unlike != 3 {
		t.Errorf("%d new, %d resolved, %d unlike: want 1, 1 and 3", result.New, result.Resolved, result.Unlike)
	}
	same(t, texts(t, anew, "SELECT b.rule, u.unlike FROM recon.unlike u JOIN recon.breaks b USING (break_id) ORDER BY ALL"),
		[]string{"stay_total | other", "undated | gone", "undated | new"})
	same(t, texts(t, anew, standing), want)
}

// same compares rows, in order.
func same(t *testing.T, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%d rows, want %d", len(got), len(want))
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("row %d:\n got %s\nwant %s", i, strings.Join(got[min(i, len(got)):min(i+1, len(got))], ""), strings.Join(want[min(i, len(want)):min(i+1, len(want))], ""))
		}
	}
}
