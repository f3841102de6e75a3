package sheets

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// makeWorkbook writes a workbook of the fixture and opens it again.
func makeWorkbook(t *testing.T, db *sql.DB, o Options) (*excelize.File, string) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	path, err := Workbook(context.Background(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return reportstest.OpenBook(t, path), path
}

var update = flag.Bool("update", false, "write the golden workbook anew")

// The workbooks of the fixture, made and opened once for all tests that only
// read one.
var (
	booksFolder  string
	fixtureBooks = map[string]openedBook{} // by folder
)

type openedBook struct {
	file *excelize.File
	path string
}

func TestMain(m *testing.M) {
	flag.Parse()
	folder, err := os.MkdirTemp("", "nightaudit-books-")
	if err != nil {
		panic(err)
	}
	booksFolder = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// fixtureBook is the workbook of the fixture, which no test may change.
func fixtureBook(t *testing.T, language string) (*excelize.File, string) {
	t.Helper()
	return splitBook(t, language, 0)
}

// splitBook is the same with so many rows a sheet.
func splitBook(t *testing.T, language string, limit int) (*excelize.File, string) {
	t.Helper()
	dir := filepath.Join(booksFolder, language+strconv.Itoa(limit))
	book, made := fixtureBooks[dir]
	if made {
		return book.file, book.path
	}
	path, err := Workbook(t.Context(), reportstest.Shared(t), Options{Dir: dir, Language: language, RowLimit: limit})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fixtureBooks[dir] = openedBook{f, path}
	return f, path
}

func TestSummary(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	if got := strings.Join(f.GetSheetList(), " "); got != "Summary Revenue Hotel Settlement Payments Outstanding Delivery Rooms Breaks Restatements Rejects Orders" {
		t.Errorf("sheets %s", got)
	}
	verdict, _ := f.GetCellValue("Summary", "A3")
	want := "Incomplete: 3 of 6 accounts complete; failed: guoxiaodi / courier; not pulled: soms / boutique; unreconciled: starhotel / inn; 2 rows refused; " +
		"3 open breaks (1 error, 1 warning, 1 info); explained and not accepted: 1 (1 error); Σ difference revenue −3,598.02 CNY, cost 1.00 CNY; " +
		"net revenue 3,899.8888 CNY, 200.00 EUR; apart from it 1 orders with a refund of unknown amount (30.00 CNY); 3 restatements of closed months."
	if verdict != want {
		t.Errorf("verdict\n%s\nwant\n%s", verdict, want)
	}
	for _, test := range []struct {
		begins  []string
		columns string
		want    string
	}{
		// stated, fetched, loaded, rejected, days complete, message
		{[]string{"soms", "retail", "Complete"}, "DEFG", "1205 1205 1203 2"},
		{[]string{"tuya", "hotel-a", "Complete"}, "DEFG", "2 4 4 0"},
		{[]string{"guoxiaodi", "courier", "Failed"}, "EHI", "0 0 / 1 run of 2026-03-10 02:00 · POST /order/status: connection refused after 6 attempts; the courier's service does not answer · status 0"},
		{[]string{"starhotel", "inn", "Unreconciled"}, "DHI", "3 0 / 1 run of 2026-03-10 02:00 · the PMS states 3 orders and gave 2 · orders 2 / 3"},
		{[]string{"soms", "boutique", "Not pulled"}, "DE", " "},
		// orders, gross, discount, net, canceled apart, paid, outstanding, refunded
		{[]string{"soms", "retail", "CNY"}, "DEFGHIJKL", "3 205 21.1112 189.8888 0 151 38.8888 1 30"},
		{[]string{"tuya", "hotel-a", "CNY"}, "DEFGHIJKL", "1 10  10 58.5   0 0"},
		{[]string{"Total CNY"}, "DEFGHIJKL", "5 3915 21.1112 3899.8888 58.5 251 3638.8888 1 30"},
		{[]string{"Total EUR"}, "DG", "1 200"},
		// open, explained, accepted, each with its Σ
		{[]string{"Of this book", "Error", "Revenue", "CNY"}, "EFGHIJ", "1 2 1 -0.02 1 0.5"},
		{[]string{"Of this book", "Warning", "Revenue", "CNY"}, "EFGHIJ", "1 -3600 0  0 "},
		{[]string{"Of this book", "Info", "Cost", "CNY"}, "EFGHIJ", "1 1 0  0 "},
		// All are of 9 March, one day before the run; one error is accepted.
		{[]string{"0–1"}, "BCD", "2 1 1"},
		{[]string{"2–7"}, "BCD", "0 0 0"},
		// 9 March; 8 March, 1,037.00; 2 March, 1,259.00; the month: 189.8888 and
		// 8 × 1,000.00 + 37 × (1 + … + 8). The PMS is not complete for the 8th.
		{[]string{"soms", "retail", "CNY", "189.8888"}, "EFGHIJKL", "1037 1259 9521.8888 3 1 1 11 0"},
		{[]string{"starhotel", "inn", "CNY", "3,700.00"}, "EFGHIJKL", " 0 3700 1  0 1 2"},
		// 24 February to 9 March. run-1 read up to 1 March, run-2 up to 7 March,
		// run-3 the rest.
		{[]string{"guoxiaodi", "courier", "✓"}, "CDEFGHIJKLMNOP", "✓ ✓ ✓ ✓ ✓ ✓ ✗ ✗ ✗ ✗ ✗ ✗ ✗ ✗"},
		{[]string{"starhotel", "inn", "✓"}, "CDEFGHIJKLMNOP", "✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ≠ ≠"},
		{[]string{"soms", "boutique", "✓"}, "CDEFGHIJKLMNOP", "✓ ✓ ✓ ✓ ✓ ✓ – – – – – – – –"},
		// the control: database and sheet
		{[]string{"Revenue", "Counted", "CNY"}, "DEFGHIJKL", "5 5 3915 3915 3899.8888 3899.8888 251 251 ✓"},
		{[]string{"Revenue", "Canceled or closed", "CNY"}, "DEHIL", "1 1 58.5 58.5 ✓"},
		{[]string{"Revenue", "With a refund, amount unknown", "CNY"}, "DEHIL", "1 1 30 30 ✓"},
		{[]string{"Cost", "Counted", "CNY"}, "DEHIL", "2 2 25 25 ✓"},
		{[]string{"Cost", "Canceled or closed", "CNY"}, "DEHIL", "1 1 12 12 ✓"},
		{[]string{"Memo", "Counted", "CNY"}, "DEHIL", "1 1 33.3 33.3 ✓"},
		{[]string{"Memo", "Counted", ""}, "DEHIL", "2 2 0 0 ✓"},
		// Month, flow, currency, orders, net closed, effect, now: 36,248.00 + 70.00 + 1,555.00
		{[]string{"soms", "retail", "2026-02"}, "CDEFGHIJ", "2026-02 Revenue CNY 1 36248 1625 37873 1625"},
		// rows and checks of a sheet
		{[]string{"Settlement"}, "CD", "5 ✓"},
		{[]string{"Breaks"}, "CD", "5 "},
		{[]string{"Started at"}, "C", "2026-03-10 02:00:00 +08:00"},
		{[]string{"Doubtful values"}, "C", "1"},
	} {
		if got := reportstest.Values(t, f, "Summary", reportstest.Row(t, f, "Summary", test.begins...), test.columns); got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.begins, got, test.want)
		}
	}
	for _, test := range []struct {
		begins []string
		column string
		leads  string
	}{
		{[]string{"soms", "retail", "Complete"}, "G", "'Rejects'!A1"},
		{[]string{"soms", "retail", "Complete"}, "F", "'Orders'!A1"},
		{[]string{"Total CNY"}, "G", "'Revenue'!A1"},
		{[]string{"Total CNY"}, "J", "'Outstanding'!A1"},
		{[]string{"soms", "retail", "2026-02"}, "H", "'Restatements'!A1"},
		{[]string{"Delivery"}, "A", "'Delivery'!A1"},
		{[]string{"Of this book", "Error", "Revenue", "CNY"}, "H", "'Breaks'!A1"},
		{[]string{"Revenue", "Counted", "CNY"}, "G", "'Orders'!A1"},
	} {
		cell := test.column + strconv.Itoa(reportstest.Row(t, f, "Summary", test.begins...))
		if ok, target, err := f.GetCellHyperLink("Summary", cell); !ok || err != nil || target != test.leads {
			t.Errorf("%s leads to %q, want %q", cell, target, test.leads)
		}
	}
}

// Each figure of a day is the database's sum of the same day, and the live
// formula computes what the cell says.
func TestRevenue(t *testing.T) {
	db := reportstest.Fixture(t)
	f, _ := makeWorkbook(t, db, Options{Language: labels.English})
	if got := reportstest.Values(t, f, "Revenue", 4, "AHIJKLMNOPQRST"); got != "46090 CNY 5 3915 21.1112 6 3899.8888 251 3638.8888 58.5 1 30 3899.8888 ✓" {
		t.Errorf("9 March: %s", got)
	}
	// 7 February is 30 days before: 1000 + 37 × 30.
	if got := reportstest.Values(t, f, "Revenue", 34, "AIMS"); got != "46060 1 2110 2110" {
		t.Errorf("7 February: %s", got)
	}
	if got := reportstest.Values(t, f, "Revenue", 35, "AIMST"); got != "Total CNY 35 51104.8888 51104.8888 ✓" {
		t.Errorf("total: %s", got)
	}
	if got := reportstest.Values(t, f, "Revenue", 36, "AHIMST"); got != "46090 EUR 1 200 200 ✓" {
		t.Errorf("euro: %s", got)
	}
	var net string
	if err := db.QueryRow(`SELECT sum(net_amount)::VARCHAR FROM orders WHERE flow = 'revenue' AND deleted_at IS NULL AND currency = 'CNY'
		AND coalesce(refund_status, '') <> 'refunded' AND business_date BETWEEN '2026-02-07' AND '2026-03-09'`).Scan(&net); err != nil || net != "51163.3888" {
		t.Errorf("the database says %s, %v", net, err)
	}
	for r := 4; r <= 37; r++ {
		for c := revOrders; c <= revCheck; c++ {
			cell := workbook.CellName(c, r)
			formula, _ := f.GetCellFormula("Revenue", cell)
			if formula == "" {
				if c != revDatabase {
					t.Errorf("%s is not live", cell)
				}
				continue
			}
			computed, err := f.CalcCellValue("Revenue", cell, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatalf("%s =%s: %v", cell, formula, err)
			}
			shown, _ := f.GetCellValue("Revenue", cell, excelize.Options{RawCellValue: true})
			if !sameNumber(computed, shown) {
				t.Errorf("%s =%s computes %s and shows %s", cell, formula, computed, shown)
			}
		}
	}
}

// sameNumber compares as numbers to ten-thousandths, and else as text.
func sameNumber(a, b string) bool {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil {
		return a == b
	}
	return x-y < 0.00005 && y-x < 0.00005
}

func TestControlFormulasCompute(t *testing.T) {
	for _, limit := range []int{0, 8} {
		f, _ := makeWorkbook(t, reportstest.Shared(t), Options{Language: labels.Chinese, RowLimit: limit, From: reportstest.Date(2026, 2, 1), To: reportstest.Date(2026, 3, 9)})
		r := reportstest.Row(t, f, "总览", "收入", "有效", "CNY")
		for _, c := range "EGIKL" {
			cell := string(c) + strconv.Itoa(r)
			computed, err := f.CalcCellValue("总览", cell, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			shown, _ := f.GetCellValue("总览", cell, excelize.Options{RawCellValue: true})
			if !sameNumber(computed, shown) || computed == "0" {
				t.Errorf("limit %d: %s computes %s and shows %s", limit, cell, computed, shown)
			}
		}
	}
}

// 8 rows a sheet, three of them heading: 45 orders of the range are five a
// sheet, and none is lost or doubled.
func TestOrdersAreSplitAtTheRowLimit(t *testing.T) {
	f, path := makeWorkbook(t, reportstest.Shared(t), Options{Language: labels.English, RowLimit: 8, From: reportstest.Date(2026, 2, 7), To: reportstest.Date(2026, 3, 9)})
	if base := filepath.Base(path); base != "reconciliation_2026-02-07_2026-03-09.xlsx" {
		t.Errorf("file %s", base)
	}
	seen := map[string]int{}
	sheets := 0
	for _, sheet := range f.GetSheetList() {
		if !strings.HasPrefix(sheet, "Orders") {
			continue
		}
		sheets++
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 8 || rows[2][4] != "Order ID" {
			t.Errorf("%s has %d rows, headings %v", sheet, len(rows), rows[2])
		}
		for _, r := range rows[3:] {
			seen[r[1]+"/"+r[4]]++
		}
	}
	if sheets != 9 || len(seen) != 45 {
		t.Errorf("%d sheets, %d orders", sheets, len(seen))
	}
	for order, n := range seen {
		if n != 1 {
			t.Errorf("%s stands %d times", order, n)
		}
	}
	// 30 of the days before and 5 of the 9th; one each is canceled, has a
	// refund, and is gone at the vendor.
	if got := reportstest.Values(t, f, "Summary", reportstest.Row(t, f, "Summary", "Revenue", "Counted", "CNY"), "DEL"); got != "35 35 ✓" {
		t.Errorf("control: %s", got)
	}
}

func TestOrderCells(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	r := reportstest.Row(t, f, "Orders", "2026-03-09", "retail", "Revenue", "Retail", "9007199254740993001")
	head := map[string]string{}
	titles, _ := f.GetRows("Orders")
	for c, title := range titles[2] {
		head[title], _ = excelize.ColumnNumberToName(c + 1)
	}
	for title, want := range map[string]struct{ raw, shown, format string }{
		"Business date": {"46090", "2026-03-09", "yyyy-mm-dd"},
		"Order ID":      {"9007199254740993001", "9007199254740993001", "@"},
		"Order number":  {"0012345", "0012345", "@"},
		"Net due":       {"106", "106.00", "#,##0.00;[Red]-#,##0.00"},
		"Settlement":    {"100.5", "100.50", "#,##0.00;[Red]-#,##0.00"},
		"Created at":    {"46090.4166666667", "2026-03-09 10:00:00", "yyyy-mm-dd hh:mm:ss"},
		"Status":        {"Completed", "Completed", "@"},
		"Store":         {"浦东机场便利店", "浦东机场便利店", "@"},
	} {
		column, ok := head[title]
		if !ok {
			t.Errorf("no column %q among %v", title, titles[2])
			continue
		}
		cell := column + strconv.Itoa(r)
		raw, _ := f.GetCellValue("Orders", cell, excelize.Options{RawCellValue: true})
		shown, _ := f.GetCellValue("Orders", cell)
		if !sameNumber(raw, want.raw) || shown != want.shown || reportstest.NumberFormat(t, f, "Orders", cell) != want.format {
			t.Errorf("%s (%s) is %s, shown %s in %s; want %v", title, cell, raw, shown, reportstest.NumberFormat(t, f, "Orders", cell), want)
		}
	}
	// Text of a source stays text; four places where the value has them; red
	// below zero.
	s4 := reportstest.Row(t, f, "Orders", "2026-03-09", "retail", "Revenue", "Retail", "S4")
	if formula, _ := f.GetCellFormula("Orders", head["Store"]+strconv.Itoa(s4)); formula != "" {
		t.Errorf("a store's name became the formula %s", formula)
	}
	if shown, _ := f.GetCellValue("Orders", head["Store"]+strconv.Itoa(s4)); shown != `=HYPERLINK("https://example.com","free money")` {
		t.Errorf("store %s", shown)
	}
	s3 := reportstest.Row(t, f, "Orders", "2026-03-09", "retail", "Revenue", "Retail", "S3")
	if got := reportstest.NumberFormat(t, f, "Orders", head["Net due"]+strconv.Itoa(s3)); got != "#,##0.0000;[Red]-#,##0.0000" {
		t.Errorf("88.8888 has format %s", got)
	}
}

func TestBreaksSheet(t *testing.T) {
	f, _ := fixtureBook(t, labels.Chinese)
	rows, err := f.GetRows("差异")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range rows[3:] {
		ids = append(ids, r[25][:2]) // column Z
	}
	// All are of one date: those that are known longest first (48, 7, 7, 5, 0
	// days), of one age the largest: the accepted 0.50 before 0.02. The resolved
	// one is gone.
	if got := strings.Join(ids, " "); got != "w1 e3 e2 i1 e1" {
		t.Errorf("breaks in the order %s", got)
	}
	validations, err := f.GetDataValidations("差异")
	if err != nil || len(validations) != 1 || validations[0].Sqref != "K4:K8" || validations[0].Formula1 != `"未处理,已说明,已接受"` {
		t.Errorf("drop-down %+v, %v", validations, err)
	}
	if status, _ := f.GetCellValue("差异", "K4"); status != "未处理" {
		t.Errorf("status %s", status)
	}
	if comment, _ := f.GetCellValue("差异", "M5"); comment != "=cmd|'/c calc'!A0" {
		t.Errorf("comment %s", comment)
	}
	found := false
	for _, name := range f.GetDefinedName() {
		found = found || name.Name == filled.BreaksTable && name.RefersTo == "'差异'!$A$3:$AA$8"
	}
	if !found {
		t.Errorf("no name %s among %v", filled.BreaksTable, f.GetDefinedName())
	}
}
