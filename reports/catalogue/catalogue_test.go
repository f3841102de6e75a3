package catalogue

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/judge"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Every built-in report is a statement that DuckDB takes, and that only reads.
func TestEveryReportIsExplainedOnAnEmptyDatabase(t *testing.T) {
	db := reportstest.Empty(t)
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) < 12 {
		t.Fatalf("%d reports in the catalogue", len(reports))
	}
	for _, r := range reports {
		t.Run(r.Name, func(t *testing.T) {
			args, err := r.bind(nil, time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := db.QueryContext(context.Background(), "EXPLAIN "+r.SQL, args...)
			if err != nil {
				t.Fatal(err)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
			// Which is not asked again when it runs.
			if err := judge.Reads(t.Context(), db, r.SQL, false); err != nil {
				t.Errorf("it does more than read: %v", err)
			}
		})
	}
}

// A heading that is the column's own name was forgotten in the dictionary and
// in the report's header; a layout of a column that is none is a misspelling.
func TestEveryColumnHasAHeadingInBothLanguages(t *testing.T) {
	db := reportstest.Empty(t)
	l, err := labels.Load()
	if err != nil {
		t.Fatal(err)
	}
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		args, _ := r.bind(nil, time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC))
		rows, err := db.Query(r.SQL, args...)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := result.ColumnsOf(rows)
		rows.Close()
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, c := range columns {
			known[c.Name] = true
			for _, language := range []string{labels.English, labels.Chinese} {
				if h := r.Heading(l, c.Name, language); h == "" || h == c.Name {
					t.Errorf("%s: column %s has no %s heading", r.Path, c.Name, language)
				}
			}
		}
		for name := range r.Columns {
			if !known[name] {
				t.Errorf("%s: its header speaks of column %s, which it does not have", r.Path, name)
			}
		}
	}
}

const goodReport = `-- name: mine
-- title.en: Mine
-- title.zh: 我的
-- param.date_from: date = last_complete - 7
-- param.store: text =
SELECT business_date, count(*) AS orders -- $not_a_parameter
FROM main.orders
WHERE business_date >= $date_from::DATE AND ($store = '' OR store_name = $store) AND channel <> '$nor_this'
GROUP BY ALL;
`

func TestExtraReports(t *testing.T) {
	dir := t.TempDir()
	reportstest.Write(t, filepath.Join(dir, "mine.sql"), strings.Replace(goodReport, "-- param.store: text =\n", "-- param.store: text = 101\n-- label.en.orders: How many\n", 1))
	reportstest.Write(t, filepath.Join(dir, "notes.txt"), "not a report")
	reports, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Find(reports, "mine")
	if err != nil {
		t.Fatal(err)
	}
	if r.Title.ZH != "我的" || len(r.Params) != 2 || r.Params[1].Default != "101" {
		t.Errorf("read as %+v", r)
	}
	path, err := Export(context.Background(), reportstest.Shared(t), *r, ExportOptions{Dir: t.TempDir(), Format: "csv", Language: labels.English, Params: map[string]string{"store": ""}})
	if err != nil {
		t.Fatal(err)
	}
	// 2 to 9 March: one order a day, on the 8th a second one that is gone, on
	// the 9th ten; those without a channel are not counted.
	want := "business_date,orders\n"
	got := reportstest.Read(t, path)
	if !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 9 || !strings.Contains(got, "2026-03-09,7\n") || !strings.Contains(got, "2026-03-08,2\n") {
		t.Errorf("got\n%s", got)
	}
	if base := filepath.Base(path); base != "mine_2026-03-02.csv" {
		t.Errorf("file %s", base)
	}
}

// A report of one's own may call the macros, and may be written in all of DuckDB's
// SQL. What it counts is counted here without the macro.
func TestExtraReportsMayCallMacros(t *testing.T) {
	dir := t.TempDir()
	const header = "-- name: mine\n-- title.en: Mine\n-- title.zh: 我的\n"
	path := filepath.Join(dir, "mine.sql")
	reportstest.Write(t, path, header+`FROM classified_orders()
SELECT business_date::VARCHAR AS day, count(*) FILTER (standing <> 'deleted') AS orders, arg_max(outstanding_amount / 2, order_id) AS half
WHERE business_date >= '2026-03-08' GROUP BY ALL ORDER BY ALL`)
	reports, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Find(reports, "mine")
	if err != nil {
		t.Fatal(err)
	}
	out, err := Export(context.Background(), reportstest.Shared(t), *r, ExportOptions{Dir: t.TempDir(), Format: "csv", Language: labels.English})
	if err != nil {
		t.Fatal(err)
	}
	var alive string
	err = reportstest.Shared(t).QueryRow("SELECT count(*) FROM main.orders WHERE business_date = '2026-03-09' AND deleted_at IS NULL").Scan(&alive)
	if err != nil {
		t.Fatal(err)
	}
	if got := reportstest.Read(t, out); !strings.HasPrefix(got, "day,orders,half\n2026-03-08,1,") || !strings.Contains(got, "\n2026-03-09,"+alive+",") {
		t.Errorf("got\n%s\nwant %s orders on the 9th", got, alive)
	}
	reportstest.Write(t, path, header+"SELECT\n  age_of() AS age")
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "mine.sql:5: age_of: it has 0 arguments, want age_of(days)") {
		t.Errorf("a wrong call: %v", err)
	}
}

func TestExtraReportErrors(t *testing.T) {
	for _, test := range []struct {
		name, file, from, to, want string
	}{
		{"unknown key", "mine.sql", "-- title.en", "-- colour: red\n-- title.en", `mine.sql:2: unknown header key "colour"`},
		{"missing title", "mine.sql", "-- title.zh: 我的\n", "", `mine.sql:1: the header misses the key "title.zh"`},
		{"another name", "other.sql", "", "", `other.sql:1: name is "mine"`},
		{"name of a built-in report", "orders.sql", "name: mine", "name: orders", `orders.sql:1: a report named "orders" exists already`},
		{"name of the workbook", "reconciliation.sql", "name: mine", "name: reconciliation", `name "reconciliation" is that of the workbook`},
		{"unknown type", "mine.sql", ": date =", ": dat =", `mine.sql:4: parameter date_from: unknown type "dat"`},
		{"bad default", "mine.sql", "last_complete - 7", "yesterday", `mine.sql:4: default of parameter date_from: "yesterday" is not a date`},
		{"undeclared parameter", "mine.sql", "GROUP BY ALL", "AND account = $account\nGROUP BY ALL", `mine.sql:9: $account is not declared`},
		{"unused parameter", "mine.sql", "-- param.store", "-- param.till: integer = 3\n-- param.store", `parameter till is declared but the statement has no $till`},
		{"unknown format", "mine.sql", "-- param.store", "-- format.orders: dollars\n-- param.store", `mine.sql:5: format.orders: unknown format "dollars"`},
		{"unknown vocabulary", "mine.sql", "-- param.store", "-- values.orders: x\n-- param.store", `mine.sql:5: values.orders: unknown vocabulary "x"`},
		{"bad width", "mine.sql", "-- param.store", "-- width.orders: wide\n-- param.store", `mine.sql:5: width.orders: width "wide"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			text := strings.Replace(goodReport, "text =\n", "text = 1\n", 1)
			if test.from != "" {
				text = strings.Replace(text, test.from, test.to, 1)
			}
			reportstest.Write(t, filepath.Join(dir, test.file), text)
			_, err := Load(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nwant   %s", err, test.want)
			}
		})
	}
}
