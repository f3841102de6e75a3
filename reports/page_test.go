package reports

import (
	"archive/zip"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Pages of 100 points; the blocks' rows are named after where they begin.
func TestPageBreaks(t *testing.T) {
	for _, test := range []struct {
		name   string
		blocks []block
		want   []int
	}{
		{"all on one page", []block{{1, 0, 40}, {41, 40, 100}}, nil},
		{"the second would be torn", []block{{1, 0, 60}, {61, 60, 110}}, []int{61}},
		{"the page after a break is full as well", []block{{1, 0, 60}, {61, 60, 110}, {111, 110, 160}, {161, 160, 170}}, []int{61, 161}},
		// 250 points from 20 on: the rest of the page is more than half of it.
		{"taller than a page, where there is room to begin", []block{{1, 0, 20}, {21, 20, 270}}, nil},
		{"taller than a page, at the foot of one", []block{{1, 0, 80}, {81, 80, 330}}, []int{81}},
		// It ends 70 points into the third page, which begins at 200.
		{"what follows one that is taller", []block{{1, 0, 20}, {21, 20, 270}, {271, 270, 320}}, []int{271}},
	} {
		if got := pageBreaks(test.blocks, 100); !slices.Equal(got, test.want) {
			t.Errorf("%s: breaks before %v, want %v", test.name, got, test.want)
		}
	}
}

// A sheet of one column of 100 characters, (100 × 7.7 + 5) × 0.75 = 581.25
// points, needs no shrinking: 7.27 inches of 72 points, less 3 %. One of three
// such columns shrinks to 10.89 inches and holds as much more.
func TestPagePoints(t *testing.T) {
	for _, test := range []struct {
		widths []float64
		want   string
	}{
		{[]float64{100}, "507.7"},
		{[]float64{100, 100, 100}, "1129.2"}, // × 1743.75 / 784.08
	} {
		if got := strconv.FormatFloat(pagePoints(test.widths), 'f', 1, 64); got != test.want {
			t.Errorf("%v: %s points, want %s", test.widths, got, test.want)
		}
	}
}

// Columns stand in a file in their order: programs may refuse others.
func TestColumnsAscend(t *testing.T) {
	_, path := makeWorkbook(t, fixtureDatabase(t), WorkbookOptions{Language: English})
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
	if sheets != 11 {
		t.Errorf("%d sheets", sheets)
	}
}

// The summary's columns are as wide as its widest figure, also where a total
// is wider than its parts: 999,999,999,999.00 and 1.00 make one more digit.
func TestSummaryHoldsLargeAmounts(t *testing.T) {
	db := fixtureDatabase(t)
	for i, amount := range []string{"999999999999", "1"} {
		mustExec(t, db, fmt.Sprintf(`INSERT INTO main.orders (source, account, order_id, flow, currency, net_amount, business_date)
			VALUES ('soms', 'shop%d', 'large', 'revenue', 'JPY', %s, '2026-03-09')`, i, amount))
	}
	f, _ := makeWorkbook(t, db, WorkbookOptions{Language: English})
	total, _ := f.GetCellValue("Summary", "G"+strconv.Itoa(row(t, f, "Summary", "Total JPY")))
	if total != "1,000,000,000,000.00" {
		t.Errorf("the total is shown as %s", total)
	}
	if w, err := f.GetColWidth("Summary", "G"); err != nil || w < float64(len(total)) {
		t.Errorf("its column is %v characters wide, %v", w, err)
	}
}
