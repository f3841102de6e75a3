package spark

import (
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Every report gives the same rows, in the same order, from the lake through Spark as
// from the database through DuckDB: compared as text, with every digit of an amount.
func TestReportsAgree(t *testing.T) {
	lake := lakeOfFixture(t)
	tx, err := reportstest.Shared(t).BeginTx(t.Context(), nil)
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
			want, err := table(t, catalogue.DuckDB(tx), all, r.Name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := table(t, lake, all, r.Name)
			if err != nil {
				t.Fatal(err)
			}
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
func table(t *testing.T, engine catalogue.Engine, all []catalogue.Report, name string) ([]string, error) {
	t.Helper()
	q, err := catalogue.Begin(t.Context(), engine, "Asia/Shanghai", "en")
	if err != nil {
		return nil, err
	}
	q.Reports = all
	q.Given["date_from"], q.Given["date_to"] = "2026-03-01", "2026-03-09"
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
