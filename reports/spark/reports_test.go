package spark

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Every report gives the same rows, in the same order, from the lake through Spark as
// from the database through DuckDB: compared as text, with every digit of an amount.
func TestReportsAgree(t *testing.T) {
	compareReports(t, lakeOfFixture(t), reportstest.Shared(t), fixtureDates, 1)
}

// dates are the first and the last business date of reports, as yyyy-MM-dd.
type dates [2]string

var fixtureDates = dates{"2026-03-01", "2026-03-09"}

// compareReports compares all reports, of which DuckDB must give so many rows at least.
func compareReports(t *testing.T, lake *Lake, db *sql.DB, of dates, least int) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	all, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		t.Run(r.Name, func(t *testing.T) {
			want, err := table(t, catalogue.DuckDB(tx), all, r.Name, of)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) <= least {
				t.Fatal("the database has no row of it: nothing is compared")
			}
			begun := time.Now()
			got, err := table(t, lake, all, r.Name, of)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d rows, in %.1f s through Spark", len(got)-1, time.Since(begun).Seconds())
			if slices.Equal(got, want) {
				return
			}
			t.Errorf("%d rows, DuckDB %d", len(got)-1, len(want)-1)
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("row %d:\n Spark %s\nDuckDB %s", i, strings.Join(got[min(i, len(got)):min(i+1, len(got))], ""), strings.Join(want[min(i, len(want)):min(i+1, len(want))], ""))
				}
			}
		})
	}
}

// table is a report as text: the heading, and a line for each row.
func table(t *testing.T, engine catalogue.Engine, all []catalogue.Report, name string, of dates) ([]string, error) {
	t.Helper()
	q, err := catalogue.Begin(t.Context(), engine, "Asia/Shanghai", "en")
	if err != nil {
		return nil, err
	}
	q.Reports = all
	q.Given["date_from"], q.Given["date_to"] = of[0], of[1]
	_, rows, err := q.Open(name, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return lines(rows)
}

func lines(rows *result.Rows) ([]string, error) {
	names := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		names[i] = c.Name
	}
	all := []string{strings.Join(names, " | ")}
	for values, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		texts := make([]string, len(values))
		for i := range values {
			var ok bool
			if texts[i], ok = rows.Columns[i].Plain(values[i]); !ok {
				texts[i] = "NULL"
			}
		}
		all = append(all, strings.Join(texts, " | "))
	}
	return all, nil
}

// Divisions are exact, and a quotient that does not fit is an error: the figures of
// TestWholePart and TestRatios, which ask DuckDB.
func TestDivisions(t *testing.T) {
	lake := lakeOfFixture(t)
	ask := func(text string) ([]string, error) {
		rows, err := lake.Query(t.Context(), sqlfiles.Text{Path: "whole.sql", SQL: "SELECT " + text})
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		return lines(rows)
	}
	for text, want := range map[string]string{
		"whole_part(7, 2) AS a, whole_part(0, 5) AS b, whole_part(9223372036854775807, 1) AS c":                          "3 | 0 | 9223372036854775807",
		"whole_part(99999999999999999999999999999, 30000000000) AS a":                                                    "3333333333333333333",
		"per_room(200.00, 3) AS a, per_room(-0.01, 2) AS b, per_room(99999999999999.99, 1) AS c, per_room(1.00, 0) AS d": "66.67 | -0.01 | 99999999999999.99 | NULL",
		"share_of(2, 3) AS a, share_of(5, 4) AS b, share_of(1, 0) AS c":                                                  "0.6667 | 1.2500 | NULL",
	} {
		if got, err := ask(text); err != nil || got[1] != want {
			t.Errorf("%s: %q, %v, want %s", text, got, err, want)
		}
	}
	if got, err := ask("whole_part(99999999999999999999999999999, 3) AS a"); err == nil {
		t.Errorf("a quotient that does not fit is given: %q", got)
	}
}
