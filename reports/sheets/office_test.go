package sheets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// recalculating is a profile in which LibreOffice computes every formula of a
// reconciliation when it opens it (OOXMLRecalcMode 0: always).
const recalculating = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`

// slowTest skips a test that starts LibreOffice or Chromium unless NIGHTAUDIT_SLOW=1.
// Without it, TestSumsAreLive and TestControlFormulasCompute compute the formulas.
func slowTest(t *testing.T) {
	t.Helper()
	if os.Getenv("NIGHTAUDIT_SLOW") == "" {
		t.Skip("NIGHTAUDIT_SLOW is not set: the program that it starts takes tens of seconds")
	}
}

// throughOffice opens workbooks in LibreOffice, computes them anew and saves
// them; it gives them back by their names without .xlsx.
func throughOffice(t *testing.T, books ...string) map[string]*excelize.File {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("soffice is not installed: nothing computes the workbook anew")
	}
	profile, out := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(profile, "user"), 0o700); err != nil {
		t.Fatal(err)
	}
	reportstest.Write(t, filepath.Join(profile, "user", "registrymodifications.xcu"), recalculating)
	run(t, "soffice", append([]string{"-env:UserInstallation=file://" + profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out}, books...)...)
	saved := map[string]*excelize.File{}
	for _, book := range books {
		saved[strings.TrimSuffix(filepath.Base(book), ".xlsx")] = reportstest.OpenBook(t, filepath.Join(out, filepath.Base(book)))
	}
	return saved
}

// checkCells counts the check cells of a workbook, and names those that do not
// agree.
func checkCells(t *testing.T, f *excelize.File) (checks int, disagree []string) {
	t.Helper()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			for c, value := range rows[r] {
				if value != "✓" && value != "≠" {
					continue
				}
				cell := workbook.CellName(c+1, r+1)
				if formula, _ := f.GetCellFormula(sheet, cell); formula == "" {
					continue // the calendar's signs
				}
				checks++
				if value == "≠" {
					disagree = append(disagree, sheet+"!"+cell)
				}
			}
		}
	}
	return checks, disagree
}

// LibreOffice computes the workbook anew: every check agrees, every formula
// gives what its cell shows, and text that looks like a formula stays text.
// Where a row is changed, its checks say so: they are live.
func TestLibreOfficeRecalculates(t *testing.T) {
	slowTest(t)
	db := reportstest.Shared(t)
	dir := t.TempDir()
	books := map[string]Options{
		"day":   {Language: labels.English},
		"split": {Language: labels.Chinese, RowLimit: 8},
		"month": {Language: labels.Chinese, From: reportstest.Date(2026, 2, 1), To: reportstest.Date(2026, 2, 28)},
	}
	var paths []string
	written := map[string]*excelize.File{}
	for name, o := range books {
		f, path := makeWorkbook(t, db, o)
		written[name] = f
		paths = append(paths, filepath.Join(dir, name+".xlsx"))
		if err := os.Rename(path, paths[len(paths)-1]); err != nil {
			t.Fatal(err)
		}
	}
	// S1's settlement becomes 1,000.00 in a copy.
	touched := reportstest.OpenBook(t, filepath.Join(dir, "day.xlsx"))
	const settlement = 9 // column
	for r := 40; ; r-- { // the orders stand below the sums
		if v, err := touched.GetCellValue("Settlement", workbook.CellName(settlement, r), excelize.Options{RawCellValue: true}); err != nil || r < 4 {
			t.Fatalf("S1's settlement is not in column %d: %v", settlement, err)
		} else if v == "100.5" {
			if err := touched.SetCellValue("Settlement", workbook.CellName(settlement, r), 1000); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	paths = append(paths, filepath.Join(dir, "touched.xlsx"))
	if err := touched.SaveAs(paths[len(paths)-1]); err != nil {
		t.Fatal(err)
	}

	saved := throughOffice(t, paths...)
	for name, f := range written {
		checks, disagree := checkCells(t, saved[name])
		if checks < 20 || len(disagree) > 0 {
			t.Errorf("%s: %d checks, of which disagree %v", name, checks, disagree)
		}
		for _, sheet := range f.GetSheetList() {
			compareFormulas(t, name, sheet, f, saved[name])
		}
	}
	if _, disagree := checkCells(t, saved["touched"]); len(disagree) != 3 || !strings.HasPrefix(disagree[0], "Summary!") || !strings.HasPrefix(disagree[1], "Settlement!") {
		t.Errorf("with a settlement changed, %v disagree; want its store's sum, its currency's, and the summary", disagree)
	}
	textStaysText(t, saved["day"])
}

// compareFormulas compares what LibreOffice computed with what was written.
func compareFormulas(t *testing.T, book, sheet string, written, computed *excelize.File) {
	t.Helper()
	rows, err := written.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for r := range rows {
		for c, want := range rows[r] {
			cell := workbook.CellName(c+1, r+1)
			formula, _ := written.GetCellFormula(sheet, cell)
			if formula == "" {
				continue
			}
			got, err := computed.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			if err != nil || !sameNumber(got, want) {
				t.Errorf("%s: %s!%s =%s gives %q in LibreOffice and shows %q, %v", book, sheet, cell, formula, got, want, err)
			}
		}
	}
}

// textStaysText looks for the fixture's texts that a spreadsheet could take
// for formulas.
func textStaysText(t *testing.T, f *excelize.File) {
	t.Helper()
	found := map[string]int{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			for c, value := range rows[r] {
				cell := workbook.CellName(c+1, r+1)
				if formula, _ := f.GetCellFormula(sheet, cell); strings.Contains(formula, "HYPERLINK") || strings.Contains(formula, "cmd") || strings.Contains(formula, "Visa") {
					t.Errorf("%s!%s became the formula %s", sheet, cell, formula)
				}
				for _, text := range dangerous {
					if value == text {
						found[text]++
					}
				}
			}
		}
	}
	for _, text := range dangerous {
		if found[text] == 0 {
			t.Errorf("no cell holds the text %s", text)
		}
	}
}

// dangerous are texts of the fixture: a store's name, a channel, a number, a
// comment and a method.
var dangerous = []string{`=HYPERLINK("https://example.com","free money")`, "-refund", "+86 138", "=cmd|'/c calc'!A0", "=Visa*"}
