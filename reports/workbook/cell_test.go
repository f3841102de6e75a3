package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// written makes a workbook of one sheet, checks it and opens it with excelize,
// which shares no code with what writes the rows.
func written(t *testing.T, fill func(s *Sheet)) *excelize.File {
	t.Helper()
	words, err := labels.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := New(words, labels.English, time.UTC, t.TempDir())
	fill(b.Sheet(Frame{Name: "One", Widths: []float64{10, 10}, Frozen: 1}))
	b.Seal()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Write(out), out.Close(), b.Verify(path), b.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// What is put into a cell is read from it.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		put  any
		want string
	}{
		{`a < b & "c" > 'd'`, `a < b & "c" > 'd'`},
		{"  two\nlines\t ", "  two\nlines\t "},
		{"one\r\nmore", "one\r\nmore"},
		{"门店 😀", "门店 😀"},
		{"_x0041_", "_x0041_"}, // not A
		{"_x0041_x0042_ _x005F_x0043_ _x_ _xZZZZ_", "_x0041_x0042_ _x005F_x0043_ _x_ _xZZZZ_"},
		{"a\x00b\xffc\uFFFFd", "a\uFFFDb\uFFFDc\uFFFDd"},
		// 32,767 units of UTF-16 at most; a face takes two.
		{"a" + strings.Repeat("😀", 20_000), "a" + strings.Repeat("😀", 16_383)},
		{int64(999_999_999_999_999), "999999999999999"},
		{-7, "-7"},
		{0.1, "0.1"},
		{1e-7, "0.0000001"},
		{float32(0.5), "0.5"},
		{math.Inf(1), "+Inf"},
		{true, "true"},
		{nil, ""},
		{excelize.Cell{Formula: `IF(1<2,"&","")`, Value: "&"}, "&"},
		{excelize.Cell{Formula: "1+1", Value: int64(2)}, "2"},
	} {
		f := written(t, func(s *Sheet) { s.Put(409.5, nil, c.put) })
		got, err := f.GetCellValue("One", "B1", excelize.Options{RawCellValue: true})
		if err != nil || got != c.want {
			t.Errorf("%.40q is read as %.60q, want %.60q (%v)", fmt.Sprint(c.put), got, c.want, err)
		}
		formula, err := f.GetCellFormula("One", "B1")
		if cell, ok := c.put.(excelize.Cell); err != nil || ok && formula != cell.Formula {
			t.Errorf("the formula is read as %q (%v)", formula, err)
		}
		if height, err := f.GetRowHeight("One", 1); err != nil || height != 409 {
			t.Errorf("the row is %v high (%v), want 409, the most that Excel takes", height, err)
		}
	}
}

// Rows of many compressed blocks come out whole, and in their sequence.
func TestManyRows(t *testing.T) {
	const rows = 20_000
	f := written(t, func(s *Sheet) {
		for i := range rows {
			s.Put(0, int64(i), strings.Repeat(fmt.Sprint(i), 10))
		}
	})
	read, err := f.GetRows("One")
	if err != nil || len(read) != rows {
		t.Fatalf("%d rows were read (%v), want %d", len(read), err, rows)
	}
	for i, row := range read {
		if want := fmt.Sprint(i); row[0] != want || row[1] != strings.Repeat(want, 10) {
			t.Fatalf("row %d is %q", i+1, row)
		}
	}
}

// A: 1, Z: 26, AA: 27, ZZ: 26·26 + 26, AAA: one more, XFD: the last of Excel's.
func TestColumnLetters(t *testing.T) {
	for col, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA", 16_384: "XFD"} {
		if got := string(appendColumn(nil, col)); got != want {
			t.Errorf("column %d is %s, want %s", col, got, want)
		}
	}
}

// The checksum of two texts is that of the one text that they make.
func TestJoinedCRC(t *testing.T) {
	text := bytes.Repeat([]byte("reconciliation "), 9_999)
	for _, at := range []int{0, 1, 7, 4096, len(text) - 1, len(text)} {
		got := joinedCRC(crc32.ChecksumIEEE(text[:at]), crc32.ChecksumIEEE(text[at:]), int64(len(text)-at))
		if want := crc32.ChecksumIEEE(text); got != want {
			t.Errorf("cut at %d it is %08x, want %08x", at, got, want)
		}
	}
}
