package sheets

import (
	"archive/zip"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// Columns stand in a file in their order: programs may refuse others.
func TestColumnsAscend(t *testing.T) {
	_, path := fixtureBook(t, labels.English)
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	column := regexp.MustCompile(`<col min="(\d+)" max="(\d+)"[^>]*>`)
	sheets := 0
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		sheets++
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 64<<10)
		n, _ := io.ReadFull(r, head)
		r.Close()
		last := 0
		for _, c := range column.FindAllStringSubmatch(string(head[:n]), -1) {
			from, _ := strconv.Atoi(c[1])
			if from <= last {
				t.Errorf("%s: column %d after %d", f.Name, from, last)
			}
			last, _ = strconv.Atoi(c[2])
		}
		if last < 9 {
			t.Errorf("%s has %d columns", f.Name, last)
		}
	}
	if sheets != 12 {
		t.Errorf("%d sheets", sheets)
	}
}

// The summary's columns are as wide as its widest figure, also where a total
// is wider than its parts: 999,999,999,999.00 and 1.00 make one more digit.
func TestSummaryHoldsLargeAmounts(t *testing.T) {
	db := reportstest.Fixture(t)
	for i, amount := range []string{"999999999999", "1"} {
		reportstest.Exec(t, db, fmt.Sprintf(`INSERT INTO main.orders (source, account, order_id, flow, currency, net_amount, business_date)
			VALUES ('soms', 'shop%d', 'large', 'revenue', 'JPY', %s, '2026-03-09')`, i, amount))
	}
	f, _ := makeWorkbook(t, db, Options{Language: labels.English})
	total, _ := f.GetCellValue("Summary", "G"+strconv.Itoa(reportstest.Row(t, f, "Summary", "Total JPY")))
	if total != "1,000,000,000,000.00" {
		t.Errorf("the total is shown as %s", total)
	}
	if w, err := f.GetColWidth("Summary", "G"); err != nil || w < float64(len(total)) {
		t.Errorf("its column is %v characters wide, %v", w, err)
	}
}
