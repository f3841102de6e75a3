package recon

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// night is the recorded time of the n-th night of a test.
func night(n int) ledger.Run {
	return ledger.Run{ID: fmt.Sprintf("run-%d", n), At: time.Date(2026, 4, n, 20, 0, 0, 0, time.UTC)}
}

// database is an empty database of the current schema on one connection.
func database(t *testing.T, inserts ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	exec(t, db, "SET TimeZone = 'UTC'; SET threads = 1") // a few rows: more threads only wait for each other
	makeSchema(t, db)
	for _, statement := range inserts {
		exec(t, db, statement)
	}
	return db
}

// makeSchema makes every table, view and macro.
func makeSchema(t testing.TB, db *sql.DB) {
	t.Helper()
	steps, err := sqlfiles.Steps()
	if err != nil {
		t.Fatal(err)
	}
	views, err := sqlfiles.ViewTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		exec(t, db, s.SQL)
	}
	for _, v := range views {
		exec(t, db, v.SQL)
	}
}

func exec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// hamlet is a place of three systems and a courier of its shop. A is the PMS's
// name of what the others call room 1.
var hamlet = Options{
	Places: []Place{{
		Name:     "hamlet",
		Accounts: map[string][]string{"tuya": {"hotel-a"}, "akubela": {"tower"}, "starhotel": {"inn"}},
		Rooms:    map[string]string{"1": "A"},
	}},
	Couriers: []Courier{{Source: "guoxiaodi", Account: "courier", ShopSource: "soms", ShopAccount: "retail", Carriers: []string{"gxd"}, Number: "order_id"}},
	Zone:     "Asia/Shanghai",
}

// only is the embedded rule of that name.
func only(t *testing.T, name string) []Rule {
	t.Helper()
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no rule %s", name)
	}
	return rules[i : i+1]
}

// audit checks db by rules in one transaction, in the hamlet.
func audit(t *testing.T, db *sql.DB, run ledger.Run, rules []Rule) Result {
	t.Helper()
	return auditBy(t, db, run, hamlet, rules)
}

func auditBy(t *testing.T, db *sql.DB, run ledger.Run, o Options, rules []Rule) Result {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	result, err := check(context.Background(), tx, run, o, rules)
	if err != nil {
		tx.Rollback()
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return result
}

// query gives rows as text, the columns separated by " | ", null as "–".
func query(t *testing.T, db interface {
	Query(string, ...any) (*sql.Rows, error)
}, statement string,
) []string {
	t.Helper()
	rows, err := db.Query("SELECT coalesce(COLUMNS(*)::VARCHAR, '–') FROM (" + statement + ")")
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Join(values, " | "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const breakColumns = "SELECT order_id, line_no, expected, actual, difference, currency, reason, explanation_en FROM recon.breaks ORDER BY order_id, line_no"

// testCheck runs one embedded rule over the given rows and compares what it
// finds: order, line, expected, actual, difference, currency, reason, sentence.
func testCheck(t *testing.T, rule string, inserts, want []string) *sql.DB {
	t.Helper()
	db := database(t, inserts...)
	audit(t, db, night(1), only(t, rule))
	equal(t, rule, query(t, db, breakColumns), want)
	return db
}
