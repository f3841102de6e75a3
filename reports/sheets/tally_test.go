package sheets

import (
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

// byHeading is a row of a sheet by the headings in row 3.
func byHeading(t *testing.T, f *excelize.File, sheet string, row int) map[string]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]string{}
	for c, heading := range rows[2] {
		if c < len(rows[row-1]) {
			cells[heading] = rows[row-1][c]
		}
	}
	return cells
}

// sumRow finds a sum by its number, or a total by its name.
func sumRow(t *testing.T, f *excelize.File, sheet, name string) int {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, cells := range rows[3:] {
		if len(cells) > 1 && (cells[0] == name || cells[1] == name) {
			return i + 4
		}
	}
	t.Fatalf("sheet %s has no sum %q", sheet, name)
	return 0
}

// The sums, each worked out by hand from the fixture's rows, whose comments
// say what they are.
func TestSums(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	for _, test := range []struct{ sheet, row, want string }{
		// S4 may be settled: -5.00 as paid. S3 is settled at what is due and
		// nobody says that it may be: not compared. S1 is paid 105.50, the
		// platform adds 5.00 (once, although the item repeats it), settled
		// 100.50; S2 is paid 30.00, settled 28.50.
		{"Settlement", "1", "Platform -refund|Store =HYPERLINK(\"https://example.com\",\"free money\")|Orders 1|Settlement -5|Of which compared -5|Expected settlement -5|Difference 0|Check ✓"},
		{"Settlement", "2", "Platform eleme|Orders 1|Customer paid 50|Merchant discount 1.1112|Settlement 88.8888|Of which compared |Expected settlement |Difference |Orders compared 0|Check ✓"},
		{"Settlement", "3", "Platform meituan|Orders 2|Customer paid 135.5|Platform subsidy 5|Merchant discount 15|Commission 6.8|Freight 5|Settlement 129|Of which compared 129|Expected settlement 140.5|Difference -11.5|Orders compared 2|Database: Settlement 129|Check ✓"},
		{"Settlement", "Total CNY", "Orders 4|Customer paid 180.5|Settlement 212.8888|Of which compared 124|Expected settlement 135.5|Difference -11.5|Orders compared 3|Check ✓"},
		{"Settlement", "4", "Currency EUR|Account boutique|Orders 1|Settlement 200|Check ✓"},

		// S1 100.00, S2 30.00 and S4 -5.00 by wx; O3 is of January.
		{"Payments", "2", "Method 微信支付|Method code wx|Payments 3|Amount 125|Payment discount 1.2|Check ✓"},
		{"Payments", "Total CNY", "Payments 5|Amount 180.5|Payment discount 1.2|Database: Amount 180.5|Check ✓"},
		{"Payments", "4", "Method =Visa*|Currency EUR|Payments 1|Amount 200|Check ✓"},

		// On 9 March: S3 and the stay 32 of that day, O1 for 63, O2 for 128 days.
		{"Outstanding", "1", "Source soms|Age 0–7 days|Net due 88.8888|Paid 50|Outstanding 38.8888|Check ✓"},
		{"Outstanding", "2", "Source soms|Age 31–90 days|Outstanding 45|Check ✓"},
		{"Outstanding", "3", "Source starhotel|Age 0–7 days|Outstanding 3600|Check ✓"},
		{"Outstanding", "4", "Source starhotel|Age over 90 days|Outstanding 750|Check ✓"},
		{"Outstanding", "Total CNY", "Net due 4833.8888|Paid 400|Outstanding 4433.8888|Database: Outstanding 4433.8888|Check ✓"},

		// S3 was sent and the courier has nothing; G2 names nobody; S1 is stated
		// at 15.00 and was charged 17.00; G3 for S2 is canceled and keeps 3.00. Only
		// S1 can be compared: 30.00 − 25.00 of the total is no difference of it.
		{"Delivery", "1", "Match No courier order|Courier orders 0|Courier fee |Freight on waybills 9|Difference "},
		{"Delivery", "2", "Match No shop order|Courier orders 1|Courier fee 8|Tip 2|Cost 8|Freight on waybills |Difference "},
		{"Delivery", "3", "Match Compared|Courier orders 1|Courier fee 17|Cost 17|Freight on waybills 15|Difference -2"},
		{"Delivery", "4", "Match Canceled|Courier orders 1|Courier fee |Cancel deduction 3|Cost 3|Freight on waybills 6|Difference "},
		{"Delivery", "Total guoxiaodi courier CNY", "Courier orders 3|Courier fee 25|Tip 2|Cancel deduction 3|Cost 28|Freight on waybills 30|Difference |Database: Cost 28|Check ✓"},

		{"Rooms", "1", "Match Stay and key|Stays 1|Keys 1|Room orders 1|Ordered to the room 10|Billed by the PMS 25.5|Difference 15.5|Compared Compared"},
		{"Rooms", "2", "Match Stay without key|Stays 1|Keys 0|Billed by the PMS 700|Difference |Compared Not compared"},
		{"Rooms", "3", "Match Room orders without stay|Stays 0|Room orders 1|Ordered to the room 33.3"},
		{"Rooms", "Total tower CNY", "Stays 2|Keys 1|Room orders 2|Ordered to the room 43.3|Billed by the PMS 725.5|Difference |Check ✓"},
		{"Rooms", "4", "Match Key without stay|Stays 0|Keys 1|Check ✓"},

		// 1,370.00 - 1,300.00, 1,740.00 as it was, and 1,555.00.
		{"Restatements", "1", "Month 2026-02|Orders before 21|Orders after 22|Orders effect 1|Net due before 36248|Net due after 37873|Net due effect 1625|Paid effect 1625|Database: Net due effect 1625|Check ✓"},
	} {
		cells := byHeading(t, f, test.sheet, sumRow(t, f, test.sheet, test.row))
		for _, want := range strings.Split(test.want, "|") {
			heading := ""
			for h := range cells {
				if strings.HasPrefix(want, h+" ") && len(h) > len(heading) {
					heading = h
				}
			}
			if got := heading + " " + cells[heading]; got != want {
				t.Errorf("%s, sum %s: %q, want %q", test.sheet, test.row, got, want)
			}
		}
	}
	// S1 and S4 are paid in full, 106.00 - 5.00, with payments of 105.50 - 5.00.
	for _, test := range []struct{ row, columns, want string }{
		{"Paid Counted", "MIJKG", "0 2 100.5 101 -0.5"},
		{"Paid With a refund, amount unknown", "MIJKG", "0 1 30 30 0"},
		{"Partial Counted", "MIJKG", "0 1 50 88.8888 -38.8888"},
	} {
		found := false
		for r := 4; r < 30 && !found; r++ {
			if found = strings.HasPrefix(reportstest.Values(t, f, "Payments", r, "EF"), test.row); found && test.columns != "" {
				if got := reportstest.Values(t, f, "Payments", r, test.columns); got != test.want {
					t.Errorf("payments against orders, %s: %s, want %s", test.row, got, test.want)
				}
			}
		}
		if !found {
			t.Errorf("payments against orders lack %s", test.row)
		}
	}
}

// tallied are the sheets of sums and rows.
var tallied = []string{"Settlement", "Payments", "Outstanding", "Delivery", "Rooms", "Restatements"}

// Every formula of the sheets computes what its cell shows; each sheet has
// live sums and a check.
func TestSumsAreLive(t *testing.T) {
	for _, limit := range []int{0, 5} {
		f, _ := splitBook(t, labels.English, limit)
		for _, sheet := range append([]string{"Summary"}, tallied...) {
			rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			formulas, checks := 0, 0
			for r := range rows {
				for c, shown := range rows[r] {
					cell := workbook.CellName(c+1, r+1)
					formula, _ := f.GetCellFormula(sheet, cell)
					if formula == "" {
						continue
					}
					formulas++
					if strings.Contains(formula, `"✓"`) {
						checks++
					}
					computed, err := f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
					if err != nil {
						t.Fatalf("%s!%s =%s: %v", sheet, cell, formula, err)
					}
					if !sameNumber(computed, shown) || shown == "≠" {
						t.Errorf("limit %d: %s!%s =%s computes %s and shows %s", limit, sheet, cell, formula, computed, shown)
					}
				}
			}
			if formulas < 6 || checks == 0 {
				t.Errorf("limit %d: %s has %d formulas, %d checks", limit, sheet, formulas, checks)
			}
		}
	}
}

// A figure leads to the first row behind it, a row to its order.
func TestFiguresLeadToTheirRows(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	leads := func(sheet, cell string) (to string, row map[string]string) {
		t.Helper()
		ok, target, err := f.GetCellHyperLink(sheet, cell)
		if !ok || err != nil {
			t.Fatalf("%s!%s leads nowhere: %v", sheet, cell, err)
		}
		to, place, _ := strings.Cut(strings.ReplaceAll(target, "'", ""), "!")
		n, err := strconv.Atoi(strings.TrimPrefix(place, "A"))
		if err != nil {
			t.Fatal(err)
		}
		return to, byHeading(t, f, to, n)
	}
	column := func(sheet, heading string) string {
		t.Helper()
		rows, _ := f.GetRows(sheet)
		for c, h := range rows[2] {
			if h == heading {
				name, _ := excelize.ColumnNumberToName(c + 1)
				return name
			}
		}
		t.Fatalf("%s has no column %s", sheet, heading)
		return ""
	}
	// The sum of meituan is number 3: its first row bears that number.
	to, cells := leads("Settlement", column("Settlement", "Settlement")+strconv.Itoa(sumRow(t, f, "Settlement", "3")))
	if to != "Settlement" || cells["No."] != "3" || cells["Platform"] != "meituan" || cells["Business date"] != "46090" {
		t.Errorf("the sum leads to %s, %v", to, cells)
	}
	// Of 9 March, the first line of the revenue's sums.
	if to, cells := leads("Revenue", column("Revenue", "Net due")+"4"); to != "Revenue" || cells["Business date"] != "46090" || cells["Source"] != "soms" {
		t.Errorf("the revenue of 9 March leads to %s, %v", to, cells)
	}
	for _, test := range []struct{ sheet, heading, value, wantOrder string }{
		{"Outstanding", "Order ID", "S3", "S3"},
		{"Delivery", "Shop order", "9007199254740993001", "9007199254740993001"},
		{"Delivery", "Courier order", "G2", "G2"},
		{"Rooms", "Stay's order", "32", "32"},
		{"Breaks", "Order", "S3", "S3"},
	} {
		name := column(test.sheet, test.heading)
		rows, _ := f.GetRows(test.sheet)
		cell := ""
		for r := range rows {
			if v, _ := f.GetCellValue(test.sheet, name+strconv.Itoa(r+1)); v == test.value {
				cell = name + strconv.Itoa(r+1)
			}
		}
		if to, cells := leads(test.sheet, cell); to != "Orders" || cells["Order ID"] != test.wantOrder {
			t.Errorf("%s %s leads to %s, %v", test.sheet, test.value, to, cells)
		}
	}
	// O1 is no order of that day.
	name := column("Outstanding", "Order ID")
	rows, _ := f.GetRows("Outstanding")
	for r := range rows {
		cell := name + strconv.Itoa(r+1)
		if v, _ := f.GetCellValue("Outstanding", cell); v == "O1" {
			if ok, target, _ := f.GetCellHyperLink("Outstanding", cell); ok {
				t.Errorf("O1 leads to %s", target)
			}
		}
	}
}

// 5 rows a sheet, three of them headings. Breaks, rejects and what is
// outstanding go on in further sheets, and nothing is lost or doubled.
func TestEverySheetIsSplitAtTheRowLimit(t *testing.T) {
	f, _ := splitBook(t, labels.English, 5)
	for _, test := range []struct {
		name, heading string
		sheets        int
		want          []string
	}{
		{"Breaks", "Break ID", 3, []string{"w1000000000000000000000000000003", "e3000000000000000000000000000005", "e2000000000000000000000000000002", "i1000000000000000000000000000004", "e1000000000000000000000000000001"}},
		{"Rejects", "Reason", 2, []string{"not a plain decimal number", "the row has no id, so it cannot be told from others", "a year outside 2000 to 2100"}},
		// The sums alone fill the first sheet.
		{"Outstanding", "Order ID", 3, []string{"O1", "S3", "O2", "32"}},
	} {
		var got []string
		sheets := 0
		for _, sheet := range f.GetSheetList() {
			if sheet != test.name && !strings.HasPrefix(sheet, test.name+" (") {
				continue
			}
			sheets++
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			first := 4
			if sheet == "Outstanding" {
				first = len(rows) + 1
			}
			for r := first; r <= len(rows); r++ {
				got = append(got, byHeading(t, f, sheet, r)[test.heading])
			}
		}
		if sheets != test.sheets || strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s: %d sheets with %q", test.name, sheets, got)
		}
	}
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name] = n.RefersTo
	}
	for n, want := range map[string]string{filled.BreaksTable: "'Breaks'!", filled.BreaksTable + "_2": "'Breaks (2)'!", filled.BreaksTable + "_3": "'Breaks (3)'!"} {
		if !strings.HasPrefix(names[n], want) {
			t.Errorf("%s is %q", n, names[n])
		}
	}
}

// The workbook of February is its closing pack: what the month earned is what
// it was closed with and the restatements since.
func TestMonthIsTheClosingPack(t *testing.T) {
	f, path := makeWorkbook(t, reportstest.Shared(t), Options{Language: labels.English, From: reportstest.Date(2026, 2, 1), To: reportstest.Date(2026, 2, 28)})
	if base := filepath.Base(path); base != "reconciliation_2026-02-01_2026-02-28.xlsx" {
		t.Errorf("file %s", base)
	}
	// 7 to 28 February are 30 to 9 days before 9 March: 22 × 1,000.00 and
	// 37 × (9 + … + 30) = 37 × 429.
	if got := reportstest.Values(t, f, "Summary", reportstest.Row(t, f, "Summary", "soms", "retail", "CNY"), "DG"); got != "22 37873" {
		t.Errorf("February: %s", got)
	}
	cells := byHeading(t, f, "Restatements", sumRow(t, f, "Restatements", "1"))
	if cells["Net due before"] != "36248" || cells["Net due effect"] != "1625" || cells["Net due after"] != "37873" || cells["Check"] != "✓" {
		t.Errorf("restated: %v", cells)
	}
	// D15, of 22 February, leads to its order; O1 is outstanding at the end of
	// February for 54 days, O2 for 119.
	if got := byHeading(t, f, "Outstanding", sumRow(t, f, "Outstanding", "Total CNY")); got["Outstanding"] != "795" {
		t.Errorf("outstanding at the month's end: %v", got)
	}
	if note, _ := f.GetCellValue("Outstanding", "A2"); !strings.Contains(note, "2026-02-28") {
		t.Errorf("note %s", note)
	}
	for r := 4; r < 30; r++ {
		if v, _ := f.GetCellValue("Restatements", "E"+strconv.Itoa(r)); v == "D15" {
			if ok, target, err := f.GetCellHyperLink("Restatements", "E"+strconv.Itoa(r)); !ok || err != nil || !strings.HasPrefix(target, "'Orders'!") {
				t.Errorf("D15 leads to %q, %v", target, err)
			}
			return
		}
	}
	t.Error("D15 is not among the restatements")
}
