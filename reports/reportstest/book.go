package reportstest

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// OpenBook opens a workbook until the test ends.
func OpenBook(t *testing.T, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Row finds the row of a sheet whose first cells are these.
func Row(t *testing.T, f *excelize.File, sheet string, begins ...string) int {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
next:
	for i, cells := range rows {
		for c, want := range begins {
			if c >= len(cells) || cells[c] != want {
				continue next
			}
		}
		return i + 1
	}
	t.Fatalf("sheet %s has no row %q", sheet, begins)
	return 0
}

// Values are the raw values of cells of a row, given by the letters of their columns.
func Values(t *testing.T, f *excelize.File, sheet string, row int, columns string) string {
	t.Helper()
	var list []string
	for _, c := range columns {
		v, err := f.GetCellValue(sheet, string(c)+strconv.Itoa(row), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return strings.Join(list, " ")
}

// Date is a calendar day.
func Date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// Write writes a file.
func Write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Read reads a file.
func Read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// NumberFormat is the number format of a cell.
func NumberFormat(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.CustomNumFmt != nil {
		return *style.CustomNumFmt
	}
	return map[int]string{49: "@"}[style.NumFmt]
}
