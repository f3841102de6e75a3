package reportstest

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

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

func Date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func Write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func Read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

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
