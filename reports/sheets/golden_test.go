package sheets

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// dump writes the cells of a sheet as text: one line a row, cells by their
// column, formulas behind their values. A formula that is the same as that of
// the cell above it, but for the number of its own row, is written as ″.
func dump(t *testing.T, f *excelize.File, sheet string) string {
	t.Helper()
	var b strings.Builder
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	above := map[int]string{}
	for i, row := range rows {
		var cells []string
		own := regexp.MustCompile(fmt.Sprintf(`([A-Z])%d\b`, i+1))
		for c, value := range row {
			cell := workbook.CellName(c+1, i+1)
			formula, _ := f.GetCellFormula(sheet, cell)
			pattern := own.ReplaceAllString(formula, "$1#")
			before := above[c]
			above[c] = pattern
			if value == "" {
				continue
			}
			text := cell + " " + strings.ReplaceAll(value, "\n", "⏎")
			switch {
			case formula != "" && pattern == before:
				text += " {″}"
			case formula != "":
				text += " {=" + formula + "}"
			}
			cells = append(cells, text)
		}
		if len(cells) > 0 {
			b.WriteString(strings.Join(cells, " | ") + "\n")
		}
	}
	return b.String()
}

// dumpAll writes all sheets.
func dumpAll(t *testing.T, f *excelize.File) string {
	t.Helper()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		b.WriteString("== " + sheet + "\n" + dump(t, f, sheet))
	}
	return b.String()
}

// The English workbook, a golden a sheet: its cells with their formulas.
func TestWorkbookGolden(t *testing.T) {
	f, path := fixtureBook(t, labels.English)
	if base := filepath.Base(path); base != "reconciliation_2026-03-09.xlsx" {
		t.Errorf("file %s", base)
	}
	for _, sheet := range f.GetSheetList() {
		t.Run(sheet, func(t *testing.T) {
			compareGolden(t, strings.ToLower(sheet)+".golden", dump(t, f, sheet))
		})
	}
}

// The Chinese workbook is the English one with other words: its golden has
// those of each sheet, with the cell in which each comes first and how often it
// comes. What has no line there is the same in both.
func TestChineseGolden(t *testing.T) {
	english, _ := fixtureBook(t, labels.English)
	chinese, path := fixtureBook(t, labels.Chinese)
	if base := filepath.Base(path); base != "reconciliation_2026-03-09.xlsx" {
		t.Errorf("file %s", base)
	}
	sheets := chinese.GetSheetList()
	if len(sheets) != len(english.GetSheetList()) {
		t.Fatalf("sheets %v", sheets)
	}
	var b strings.Builder
	for i, sheet := range english.GetSheetList() {
		fmt.Fprintf(&b, "== %s → %s\n", sheet, sheets[i])
		b.WriteString(otherWords(t, english, sheet, chinese, sheets[i]))
	}
	compareGolden(t, "chinese.golden", b.String())
}

// otherWords lists what differs between two sheets.
func otherWords(t *testing.T, a *excelize.File, sheetA string, b *excelize.File, sheetB string) string {
	t.Helper()
	rowsA, errA := a.GetRows(sheetA, excelize.Options{RawCellValue: true})
	rowsB, errB := b.GetRows(sheetB, excelize.Options{RawCellValue: true})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	times := map[string]int{}
	first := map[string]string{}
	var pairs []string
	note := func(cell, from, to string) {
		pair := strings.ReplaceAll(from+" → "+to, "\n", "⏎")
		if from == to {
			return
		}
		if times[pair]++; times[pair] == 1 {
			first[pair], pairs = cell, append(pairs, pair)
		}
	}
	for r := range max(len(rowsA), len(rowsB)) {
		own := regexp.MustCompile(fmt.Sprintf(`([A-Z])%d\b`, r+1))
		for c := range max(widthOf(rowsA, r), widthOf(rowsB, r)) {
			cell := workbook.CellName(c+1, r+1)
			note(cell, valueAt(rowsA, r, c), valueAt(rowsB, r, c))
			formulaA, _ := a.GetCellFormula(sheetA, cell)
			formulaB, _ := b.GetCellFormula(sheetB, cell)
			note(cell, own.ReplaceAllString(formulaA, "$1#"), own.ReplaceAllString(formulaB, "$1#"))
		}
	}
	var out strings.Builder
	for _, pair := range pairs {
		fmt.Fprintf(&out, "%s ×%d %s\n", first[pair], times[pair], pair)
	}
	return out.String()
}

func widthOf(rows [][]string, r int) int {
	if r < len(rows) {
		return len(rows[r])
	}
	return 0
}

func valueAt(rows [][]string, r, c int) string {
	if r < len(rows) && c < len(rows[r]) {
		return rows[r][c]
	}
	return ""
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		reportstest.Write(t, golden, got)
	}
	want := strings.Split(reportstest.Read(t, golden), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d of %s differs (go test -update writes it anew):\n got %s\nwant %s", i+1, golden, line, append(want, "nothing")[min(i, len(want))])
		}
	}
	if n := strings.Count(got, "\n") + 1; n != len(want) {
		t.Fatalf("%s has %d lines, of which %d are there", golden, len(want), n)
	}
}
