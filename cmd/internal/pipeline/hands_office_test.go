package pipeline_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// handsLibrary does to the sheet of breaks, with openpyxl, what a person does to
// it. The breaks of B01, B02 and B03 stand in rows 4 to 6, or in whichever
// order: rows are found by their order.
const handsLibrary = `import sys, openpyxl, warnings
warnings.simplefilter("ignore")
what, source, target = sys.argv[1:]
book = openpyxl.load_workbook(source)
sheet = book["Breaks"]
at = {cell.value: cell.column for cell in sheet[3] if cell.value}
row = {sheet.cell(r, at["Order"]).value: r for r in range(4, sheet.max_row + 1) if sheet.cell(r, at["Rule"]).value == "item_total"}
def write(sheet, order, heading, text):
    sheet.cell(row[order], at[heading]).value = text
if what == "properties":
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    sheet.delete_rows(1)
    row = {order: r - 1 for order, r in row.items()}
    write(sheet, "B01", "Comment", "seen")
if what == "sorted apart":
    write(sheet, "B01", "Comment", "seen")
    first, last = row["B01"], row["B03"]
    for column in range(1, at["Comment"] + 1):
        a, b = sheet.cell(first, column), sheet.cell(last, column)
        a.value, b.value = b.value, a.value
if what == "copied":
    copy = book.copy_worksheet(sheet)
    write(copy, "B01", "Status", "Accepted")
    write(sheet, "B02", "Comment", "here")
    write(copy, "B02", "Comment", "there")
if what == "merged":
    rows = sorted(row.values())
    sheet.cell(rows[0], at["Comment"]).value = "one batch"
    sheet.merge_cells(start_row=rows[0], end_row=rows[2], start_column=at["Comment"], end_column=at["Comment"])
if what == "renamed":
    sheet.cell(3, at["Comment"]).value = "Remarks of finance"
    write(sheet, "B01", "Comment", "seen")
book.save(target)
`

var rowNumber = regexp.MustCompile(`row \d+`)

// What people do to the sheet with real programs: each entry is taken, or is
// refused with its row, and nothing lands on another break.
func TestAnnotateByHands(t *testing.T) {
	slowTest(t)
	program := python(t)
	d := startDesk(t, 3)
	book := d.run(pipeline.Options{}).Workbook
	const apart = `columns were sorted apart, and nothing of the row is taken; write it into the row that is meant`
	for _, c := range []struct{ what, want string }{
		{"properties", "B01 accepted [comment]"},
		{"sorted apart", `B03 refused [] the row is of order "B01", its id of order "B03": ` + apart},
		{"copied", `B01 accepted [status]; B02 refused [] comment not taken: two rows of the same break differ: Breaks row # "here" / Breaks Copy row # "there"`},
		{"merged", "B01 accepted [comment]; B02 accepted [comment]; B03 accepted [comment]"},
		{"renamed", "B01 accepted [comment]"},
	} {
		filled := filepath.Join(t.TempDir(), "filled.xlsx")
		if out, err := exec.CommandContext(t.Context(), program, "-c", handsLibrary, c.what, book, filled).CombinedOutput(); err != nil {
			t.Fatalf("openpyxl: %v\n%s", err, out)
		}
		result, err := pipeline.Annotate(t.Context(), d.cfg, pipeline.AnnotateOptions{
			Options: pipeline.Options{Now: d.clock, Version: "test", By: "operator"}, Workbook: filled, DryRun: true,
		})
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		said := outcomes(result)
		for i := range said {
			said[i] = rowNumber.ReplaceAllString(strings.TrimSpace(said[i]), "row #")
		}
		if got := strings.Join(said, "; "); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		if refused := strings.Count(c.want, "refused"); result.Refused != refused {
			t.Errorf("%s: %d refused", c.what, result.Refused)
		}
		if (len(result.Remarks) > 0) != (c.what == "renamed") {
			t.Errorf("%s: %q", c.what, result.Remarks)
		}
	}
}

// A workbook that LibreOffice saved as another kind of file is told as that; the
// same saved as .xlsx again is taken. A run names such a file in the folder of
// reports once, and ends with 3.
func TestSavedAsAnotherKind(t *testing.T) {
	longTest(t)
	needOffice(t)
	d := startDesk(t, 1)
	book := d.run(pipeline.Options{}).Workbook
	filled := fillIn(t, book, "Chen", map[string]entries{"B01": {"Accepted", "", "seen"}})
	folder, profile := t.TempDir(), t.TempDir()
	convert := func(file, kind string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+profile, "--headless", "--convert-to", kind, "--outdir", folder, file).CombinedOutput()
		if err != nil {
			t.Fatalf("soffice: %v\n%s", err, out)
		}
		return filepath.Join(folder, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))+"."+kind)
	}
	annotate := func(file string) (*pipeline.AnnotateResult, error) {
		return pipeline.Annotate(t.Context(), d.cfg, pipeline.AnnotateOptions{
			Options: pipeline.Options{Now: d.clock, Version: "test", By: "operator"}, Workbook: file, DryRun: true,
		})
	}
	for kind, what := range map[string]string{"xls": "an older workbook (.xls)", "ods": "an OpenDocument file (.ods)", "csv": "a text (.csv)"} {
		file := convert(filled, kind)
		want := "read the workbook " + file + ": it is " + what + ": save it as .xlsx (Excel workbook)"
		if _, err := annotate(file); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if kind == "csv" {
			continue // it holds the first sheet alone
		}
		result, err := annotate(convert(file, "xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "from "+kind, outcomes(result), []string{"B01 accepted [status comment] "})
	}

	stray := filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-09.xls")
	data, err := os.ReadFile(filepath.Join(folder, "Chen.xls"))
	if err != nil || os.WriteFile(stray, data, 0o600) != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("reconciliation_2026-04-09.xls: 0 by ; read the workbook %s: it is an older workbook (.xls): save it as .xlsx (Excel workbook)", stray)
	equal(t, "said", said(d.night(pipeline.Options{})), []string{want})
	equal(t, "said the next night", said(d.night(pipeline.Options{})), nil)
	if !slices.Contains(d.files(), filepath.Base(stray)) {
		t.Errorf("the file is gone: %v", d.files())
	}
	d.wantReplayed(1)
}
