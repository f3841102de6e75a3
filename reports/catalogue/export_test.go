package catalogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

var update = flag.Bool("update", false, "write the golden tables anew")

// Every report comes out in every format, with as many rows.
func TestExportEveryReportInEveryFormat(t *testing.T) {
	db := reportstest.Shared(t)
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		rows := map[string]int{}
		for _, format := range FileFormats {
			path, err := Export(context.Background(), db, r, ExportOptions{Dir: t.TempDir(), Format: format, Language: labels.English})
			if err != nil {
				t.Fatalf("%s as %s: %v", r.Name, format, err)
			}
			switch format {
			case "json":
				var list []map[string]json.RawMessage
				if err := json.Unmarshal([]byte(reportstest.Read(t, path)), &list); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				rows[format] = len(list)
			case "csv":
				rows[format] = count(t, db, "read_csv('"+path+"', all_varchar = true, header = true)")
			case "parquet":
				rows[format] = count(t, db, "read_parquet('"+path+"')")
			case "xlsx":
				f := reportstest.OpenBook(t, path)
				all, err := f.GetRows(f.GetSheetList()[0])
				if err != nil {
					t.Fatal(err)
				}
				rows[format] = len(all) - workbook.ListingHead
			}
		}
		for format, n := range rows {
			if n != rows["json"] || n == 0 {
				t.Errorf("%s as %s has %d rows, as json %d", r.Name, format, n, rows["json"])
			}
		}
	}
}

// The golden table of every report on the fixture.
func TestReportGoldens(t *testing.T) {
	db := reportstest.Shared(t)
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		t.Run(r.Name, func(t *testing.T) {
			path, err := Export(context.Background(), db, r, ExportOptions{Dir: t.TempDir(), Format: "csv", Language: labels.Chinese})
			if err != nil {
				t.Fatal(err)
			}
			got, golden := reportstest.Read(t, path), filepath.Join("testdata", "reports", r.Name+".csv")
			if *update {
				reportstest.Write(t, golden, got)
			}
			if want := reportstest.Read(t, golden); got != want {
				t.Errorf("%s differs (go test -update writes it anew):\n%s\nwant\n%s", golden, got, want)
			}
		})
	}
}

func TestExportRange(t *testing.T) {
	db := reportstest.Shared(t)
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	orders, _ := Find(reports, "orders")
	path, err := Export(context.Background(), db, *orders, ExportOptions{Dir: t.TempDir(), Format: "xlsx", Language: labels.Chinese, From: reportstest.Date(2026, 2, 7), To: reportstest.Date(2026, 2, 10)})
	if err != nil {
		t.Fatal(err)
	}
	if base := filepath.Base(path); base != "orders_2026-02-07_2026-02-10.xlsx" {
		t.Errorf("file %s", base)
	}
	f := reportstest.OpenBook(t, path)
	if got := f.GetSheetList()[0]; got != "订单明细" {
		t.Errorf("sheet %s", got)
	}
	rows, err := f.GetRows("订单明细")
	if err != nil || len(rows) != workbook.ListingHead+4 || rows[3][0] != "2026-02-10" {
		t.Errorf("rows %v, %v", rows, err)
	}
	for _, test := range []struct {
		report string
		o      ExportOptions
		want   string
	}{
		{"rejects", ExportOptions{Format: "csv", From: reportstest.Date(2026, 2, 7), To: reportstest.Date(2026, 2, 7)}, "it has no dates"},
		{"orders", ExportOptions{Format: "doc"}, `unknown format "doc"`},
		{"orders", ExportOptions{Format: "csv", Params: map[string]string{"shop": "1"}}, `it has no parameter "shop"`},
		{"orders", ExportOptions{Format: "csv", Params: map[string]string{"date_to": "9 March"}}, `parameter date_to: "9 March" is not a date: want yyyy-MM-dd`},
	} {
		r, err := Find(reports, test.report)
		if err != nil {
			t.Fatal(err)
		}
		test.o.Dir, test.o.Language = t.TempDir(), labels.English
		if _, err := Export(context.Background(), db, *r, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
}

func TestParseRange(t *testing.T) {
	for _, test := range []struct{ date, month, from, to, want string }{
		{"2026-03-09", "", "", "", "2026-03-09 2026-03-09"},
		{"", "2028-02", "", "", "2028-02-01 2028-02-29"},
		{"", "", "2026-03-01", "2026-03-09", "2026-03-01 2026-03-09"},
		{"", "", "", "", "0001-01-01 0001-01-01"},
		{"2026-02-30", "", "", "", `--date "2026-02-30": want yyyy-MM-dd`},
		{"", "2026-13", "", "", `--month "2026-13": want yyyy-MM`},
		{"", "", "2026-03-09", "2026-03-01", "--to 2026-03-01 is before --from 2026-03-09"},
		{"", "", "2026-03-09", "", "--from and --to go together"},
		{"2026-03-09", "2026-03", "", "", "give one of --date, --month, or --from and --to"},
	} {
		from, to, err := ParseRange(test.date, test.month, test.from, test.to)
		got := from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v gives %s", test, got)
		}
	}
}

// The name of S4's store is =HYPERLINK(…), its number +86 138, its channel
// -refund. They stay text in every format; in csv, which spreadsheets read as
// they like, they are marked as text.
func TestTextIsNeverAFormula(t *testing.T) {
	db := reportstest.Shared(t)
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	orders, err := Find(reports, "orders")
	if err != nil {
		t.Fatal(err)
	}
	const store = `=HYPERLINK("https://example.com","free money")`
	for _, format := range FileFormats {
		path, err := Export(context.Background(), db, *orders, ExportOptions{Dir: t.TempDir(), Format: format, Language: labels.English})
		if err != nil {
			t.Fatal(err)
		}
		switch format {
		case "csv":
			text := reportstest.Read(t, path)
			for _, want := range []string{`"'=HYPERLINK(""https://example.com"",""free money"")"`, ",'-refund,", ",'+86 138,", ",-5.0000,"} {
				if !strings.Contains(text, want) {
					t.Errorf("csv lacks %s", want)
				}
			}
		case "json":
			var rows []struct{ Store, Channel, Order_no string }
			if err := json.Unmarshal([]byte(reportstest.Read(t, path)), &rows); err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, r := range rows {
				if r.Store == store && r.Channel == "-refund" && r.Order_no == "+86 138" {
					found++
				}
			}
			if found != 1 {
				t.Errorf("json holds S4 %d times", found)
			}
		case "parquet":
			var n int
			if err := db.QueryRow("SELECT count(*) FROM read_parquet(?) WHERE store = ? AND channel = '-refund' AND order_no = '+86 138'", path, store).Scan(&n); err != nil || n != 1 {
				t.Errorf("parquet holds S4 %d times, %v", n, err)
			}
		case "xlsx":
			f := reportstest.OpenBook(t, path)
			sheet := f.GetSheetList()[0]
			r := reportstest.Row(t, f, sheet, "2026-03-09", "retail", "Revenue", "Retail", "S4")
			found := 0
			for c := 1; c < 30; c++ {
				cell := workbook.CellName(c, r)
				if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
					t.Errorf("%s is the formula %s", cell, formula)
				}
				v, _ := f.GetCellValue(sheet, cell)
				if v == store || v == "-refund" || v == "+86 138" {
					found++
				}
			}
			if found != 3 {
				t.Errorf("xlsx holds %d of the three texts", found)
			}
		default:
			t.Errorf("format %s is not looked at", format)
		}
	}
}

// A month under way has no days that have not come: the fixture's last run was
// on the morning of the 10th. Days without orders before it are listed.
func TestDaysThatHaveNotComeAreNotListed(t *testing.T) {
	reports, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Find(reports, "revenue_days")
	if err != nil {
		t.Fatal(err)
	}
	path, err := Export(t.Context(), reportstest.Shared(t), *r, ExportOptions{Dir: t.TempDir(), Format: "csv", Language: labels.English, From: reportstest.Date(2026, 3, 5), To: reportstest.Date(2026, 3, 31)})
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for line := range strings.Lines(reportstest.Read(t, path)) {
		if day, rest, _ := strings.Cut(line, ","); strings.HasPrefix(rest, "CNY,") {
			days = append(days, day)
		}
	}
	if got, want := strings.Join(days, " "), "2026-03-10 2026-03-09 2026-03-08 2026-03-07 2026-03-06 2026-03-05"; got != want {
		t.Errorf("the days are %s, want %s", got, want)
	}
}

func count(t *testing.T, db *sql.DB, from string) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) FROM " + from).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// 9 March is the report's day. 2 March is 7 days before, 1 March 8, 7 February
// 30, 6 February 31, 9 December 90, 8 December 91 days; 10 March is to come.
func TestAgesAreCountedToTheReportsDay(t *testing.T) {
	db := reportstest.Empty(t)
	for i, day := range []string{"2026-03-02", "2026-03-01", "2026-02-07", "2026-02-06", "2025-12-09", "2025-12-08", "2026-03-10"} {
		reportstest.Exec(t, db, fmt.Sprintf(`INSERT INTO main.orders (source, account, order_id, flow, payment_status, currency, net_amount, business_date)
			VALUES ('soms', 'retail', 'o%d', 'revenue', 'unpaid', 'CNY', 1, '%s')`, i, day))
	}
	reportstest.Exec(t, db, `INSERT INTO main.orders (source, account, order_id, flow, payment_status, currency, net_amount) VALUES ('soms', 'retail', 'undated', 'revenue', 'partial', 'CNY', 5)`)
	for name, want := range map[string]string{
		"outstanding": "undated unknown -, o5 90+ 91, o4 31-90 90, o3 31-90 31, o2 8-30 30, o1 8-30 8, o0 0-7 7",
		// one of age 0-7, two each of 8-30 and 31-90, one older, one of no date
		"outstanding_totals": "0-7 1, 8-30 2, 31-90 2, 90+ 1, unknown 1",
	} {
		reports, err := Load("")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Find(reports, name)
		if err != nil {
			t.Fatal(err)
		}
		args, err := r.bind(nil, reportstest.Date(2026, 3, 9))
		if err != nil {
			t.Fatal(err)
		}
		columns := "order_id || ' ' || age || ' ' || coalesce(days::VARCHAR, '-')"
		if name == "outstanding_totals" {
			columns = "age || ' ' || orders"
		}
		var got string
		if err := db.QueryRow("SELECT string_agg("+columns+", ', ') FROM ("+r.SQL+")", args...).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, want)
		}
	}
}
