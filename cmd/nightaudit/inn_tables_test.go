package main

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

// wholeNight tells which night of an inn a database shows, given how many
// orders each vendor takes before a night. It is an error where it shows more
// than one, or less than one.
const wholeNight = `
	WITH m AS (SELECT published_run_id AS run_id FROM audit.meta),
	night AS (SELECT count(*) AS k FROM audit.runs WHERE outcome = 'complete'),
	seen AS (
		SELECT 'orders of ' || source AS what, count(*) AS n, min(gross_amount) AS low, max(gross_amount) AS high, min(run_id) AS first, max(run_id) AS last FROM orders GROUP BY ALL
		UNION ALL SELECT 'items', count(*), min(total_amount), max(total_amount), min(run_id), max(run_id) FROM order_items
		UNION ALL SELECT 'payments', count(*), min(amount), max(amount), min(run_id), max(run_id) FROM payments
		UNION ALL SELECT 'stays', count(*), min(total_amount), max(total_amount), min(run_id), max(run_id) FROM stays
	)
	SELECT k, CASE
		WHEN count(*) <> 5 THEN count(*) || ' of five tables and sources have rows'
		WHEN (SELECT max_by(run_id, started_at) FROM audit.runs) <> any_value(m.run_id) THEN 'the published run is not the last one'
		ELSE coalesce(string_agg(CASE WHEN NOT (n = k * %d AND low = k AND high = k AND first = m.run_id AND last = m.run_id)
			THEN format('{}: {} rows of {} to {} yuan, loaded by {} to {}', what, n, low, high, first, last) END, '; '), '')
	END AS mixture
	FROM seen, m, night GROUP BY k`

func (in *inn) wholeNight() string { return fmt.Sprintf(wholeNight, in.perNight) }

// nightOfFile is the night that a published file shows, which must be whole.
func (in *inn) nightOfFile(path string) int64 {
	in.t.Helper()
	db := openFile(in.t, path)
	defer db.Close()
	var k int64
	var mixture string
	if err := db.QueryRow(in.wholeNight()).Scan(&k, &mixture); err != nil {
		in.t.Fatalf("read %s: %v", path, err)
	}
	if mixture != "" {
		in.t.Errorf("%s, night %d: %s", path, k, mixture)
	}
	return k
}

func openFile(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// byChance are the columns that two runs of one night do not have in common:
// a run's id is drawn, and the answers lie in the folder of the run.
const byChance = "run_id|landing_ref|payload_sha256"

// ofTheRun are the tables that are of a run and not of its night: when it was, and how
// long it took.
var ofTheRun = []string{"audit.runs", "audit.stages", "audit.meta", "audit.migrations"}

// rowsOf are the rows of every table of a database, in order, but for those of the
// run.
func rowsOf(t testing.TB, path string) map[string][]string {
	t.Helper()
	db := openFile(t, path)
	defer db.Close()
	tables := map[string][]string{}
	for _, name := range column(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1") {
		if slices.Contains(ofTheRun, name) {
			continue
		}
		tables[name] = column(t, db, "SELECT to_json(t)::VARCHAR FROM (SELECT COLUMNS(c -> NOT regexp_full_match(c, '"+byChance+"')) FROM "+name+") t ORDER BY 1")
	}
	return tables
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// wantSameRows compares two databases table by table.
func wantSameRows(t testing.TB, when string, got, want map[string][]string) {
	t.Helper()
	filled := 0
	for table, rows := range want {
		if len(rows) > 0 {
			filled++
		}
		if !slices.Equal(got[table], rows) {
			t.Errorf("%s: %s has %d rows that differ from the %d of a night that nobody disturbed\n%s", when, table, len(got[table]), len(rows), firstDifference(got[table], rows))
		}
	}
	if filled < 10 || len(got) != len(want) {
		t.Errorf("%s: %d tables, %d of %d have rows: the comparison says little", when, len(got), filled, len(want))
	}
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return "missing " + want[i]
		case i >= len(want) || got[i] != want[i]:
			return strings.Join(append([]string{"got  " + got[i]}, want[i:min(i+1, len(want))]...), "\nwant ")
		}
	}
	return ""
}
