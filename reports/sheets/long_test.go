package sheets

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// 1.2 million orders of a day, 150,000 of them not paid, go on in a second
// sheet. The workbook opens, each order stands in it once, and its totals are
// those of SQL. NIGHTAUDIT_LONG=1: it takes minutes.
//
// Order n of 0 to 1,199,999 is 100 + n mod 977 + (n mod 100) / 100 CNY.
func TestWorkbookOfAMillionOrders(t *testing.T) {
	if os.Getenv("NIGHTAUDIT_LONG") == "" {
		t.Skip("NIGHTAUDIT_LONG is not set: a workbook of 1.2 million orders takes minutes")
	}
	const orders, unpaid = 1_200_000, 150_000
	db := reportstest.At(t, filepath.Join(t.TempDir(), "million.duckdb"))
	reportstest.Exec(t, db, `INSERT INTO audit.meta (database_id, schema_version, timezone) VALUES ('x', 1, 'Asia/Shanghai');
		INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-03-09 20:00:00+00');
		INSERT INTO audit.accounts (source, account, timezone, business_day_start, currency, memo_only, is_configured, run_id) VALUES ('soms', 'retail', 'Asia/Shanghai', '00:00', 'CNY', false, true, 'r');
		INSERT INTO audit.extracts (run_id, source, account, stream, state, covers, fetched) VALUES ('r', 'soms', 'retail', 'orders', 'complete', true, 1200000);
		INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_id, store_name, status, payment_status, refund_status, currency,
			gross_amount, discount_amount, freight_amount, net_amount, paid_amount, settle_amount, quantity, created_at, finished_at, booked_date, business_date)
		SELECT 'soms', 'retail', (9007199254740993 + n)::VARCHAR, 'retail', 'revenue', ['meituan', 'eleme', 'jd'][1 + n % 3], (n % 40)::VARCHAR, '门店 ' || n % 40,
			'completed', CASE WHEN n % 8 = 0 THEN 'unpaid' ELSE 'paid' END, 'none', 'CNY',
			100 + n % 977 + 0.01 * (n % 100), 0, 0, 100 + n % 977 + 0.01 * (n % 100), CASE WHEN n % 8 = 0 THEN 0 ELSE 100 + n % 977 + 0.01 * (n % 100) END, 98.7654, 1,
			TIMESTAMPTZ '2026-03-08 16:00:00+00' + to_seconds(n % 86400), TIMESTAMPTZ '2026-03-08 17:00:00+00' + to_seconds(n % 86400), '2026-03-09', '2026-03-09'
		FROM range(1200000) t(n)`)
	// In hundredths, by the definition above and without the database.
	var net, outstanding int64
	for n := int64(0); n < orders; n++ {
		amount := 100*(100+n%977) + n%100
		net += amount
		if n%8 == 0 {
			outstanding += amount
		}
	}
	dir := t.TempDir()
	began := time.Now()
	f, path := makeWorkbook(t, db, Options{Dir: dir, Language: labels.English})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, opened: %.0f s, %.0f MB, %s", filepath.Base(path), time.Since(began).Seconds(), float64(info.Size())/1e6, peakMemory(t))

	rows, sum := countOrders(t, f, path)
	if sheets := strings.Join(f.GetSheetList(), " "); !strings.HasSuffix(sheets, "Orders Orders (2)") {
		t.Errorf("sheets %s", sheets)
	}
	if rows != orders || sum.Cmp(big.NewInt(net)) != 0 {
		t.Errorf("the sheets hold %d orders, net %s hundredths; want %d and %d", rows, sum, orders, net)
	}
	control := reportstest.Row(t, f, "Summary", "Revenue", "Counted", "CNY")
	for cell, want := range map[string]int64{"D": orders * 100, "E": orders * 100, "H": net, "I": net} {
		if got := reportstest.Values(t, f, "Summary", control, cell); hundredths(t, got) != want {
			t.Errorf("the summary's control says %s in %s, want %d hundredths", got, cell, want)
		}
	}
	if got := reportstest.Values(t, f, "Summary", control, "L"); got != "✓" {
		t.Errorf("the control says %s", got)
	}
	head := topRows(t, f, "Outstanding", workbook.ListingHead+1)
	at := func(heading string) string {
		return head[workbook.ListingHead][slices.Index(head[workbook.ListingHead-1], heading)]
	}
	if hundredths(t, at("Outstanding")) != outstanding || at("Check") != "✓" {
		t.Errorf("outstanding %s %s, want %d hundredths of %d orders", at("Outstanding"), at("Check"), outstanding, unpaid)
	}
}

// topRows reads the first rows of a sheet, and no more of it.
func topRows(t *testing.T, f *excelize.File, sheet string, rows int) [][]string {
	t.Helper()
	list, err := f.Rows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var read [][]string
	for len(read) < rows && list.Next() {
		cells, err := list.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, cells)
	}
	return read
}

// countOrders counts the rows of the Orders sheets and adds up their net in
// hundredths. It reads the cells off the file itself, one by one.
func countOrders(t *testing.T, f *excelize.File, path string) (rows int, sum *big.Int) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	sum = new(big.Int)
	for i, sheet := range f.GetSheetList() {
		if sheet != "Orders" && !strings.HasPrefix(sheet, "Orders (") {
			continue
		}
		column, err := excelize.ColumnNumberToName(slices.Index(topRows(t, f, sheet, workbook.ListingHead)[workbook.ListingHead-1], "Net due") + 1)
		if err != nil {
			t.Fatal(err)
		}
		part, err := archive.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if err != nil {
			t.Fatal(err)
		}
		cells := bufio.NewScanner(part)
		cells.Split(untilCell)
		for cells.Scan() {
			m := cellOfColumn(cells.Text(), column)
			if m == "" {
				continue
			}
			rows++
			sum.Add(sum, big.NewInt(hundredths(t, m)))
		}
		if err := errors.Join(cells.Err(), part.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return rows, sum
}

// untilCell splits a sheet's XML at the beginning of each cell.
func untilCell(data []byte, atEOF bool) (advance int, token []byte, err error) {
	mark := []byte("<c ")
	if n := bytes.Index(data, mark); n >= 0 {
		return n + len(mark), data[:n], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// cellOfColumn is the number in a cell, if it is one of the column's.
func cellOfColumn(cell, column string) string {
	place, found := strings.CutPrefix(cell, `r="`+column)
	if !found || place == "" || place[0] < '0' || place[0] > '9' {
		return ""
	}
	_, value, found := strings.Cut(cell, "<v>")
	if !found {
		return "" // the heading is text
	}
	value, _, _ = strings.Cut(value, "<")
	return value
}

// hundredths reads a cell's number of at most two places exactly.
func hundredths(t *testing.T, text string) int64 {
	t.Helper()
	whole, places, _ := strings.Cut(text, ".")
	if len(places) > 2 {
		t.Fatalf("%s has more than two places", text)
	}
	n, err := strconv.ParseInt(whole+(places + "00")[:2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// peakMemory is the most memory that the process had, where the system says.
func peakMemory(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "memory unknown"
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			return "peak " + strings.TrimSpace(strings.TrimPrefix(line, "VmHWM:"))
		}
	}
	return "memory unknown"
}
