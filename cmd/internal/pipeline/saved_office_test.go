package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// inPlace is a program for LibreOffice: it fills in the break of the order B01
// and saves the workbook where it lies.
const inPlace = `Sub Fill(book As String)
  Dim how(0) As New com.sun.star.beans.PropertyValue
  how(0).Name = "Hidden"
  how(0).Value = True
  Dim doc As Object
  doc = StarDesktop.loadComponentFromURL(ConvertToURL(book), "_blank", 0, how())
  Dim sheet As Object
  sheet = doc.Sheets.getByName("Breaks")
  Dim r As Long, c As Long, orders As Long, rules As Long, statuses As Long, owners As Long, comments As Long
  For c = 0 To 40
    If sheet.getCellByPosition(c, 2).String = "Order" Then orders = c
    If sheet.getCellByPosition(c, 2).String = "Rule" Then rules = c
    If sheet.getCellByPosition(c, 2).String = "Status" Then statuses = c
    If sheet.getCellByPosition(c, 2).String = "Owner" Then owners = c
    If sheet.getCellByPosition(c, 2).String = "Comment" Then comments = c
  Next c
  For r = 3 To 200
    If sheet.getCellByPosition(orders, r).String = "B01" And sheet.getCellByPosition(rules, r).String = "item_total" Then
      sheet.getCellByPosition(statuses, r).String = "Accepted"
      sheet.getCellByPosition(owners, r).String = "Li Wei"
      sheet.getCellByPosition(comments, r).String = "seen"
    End If
  Next r
  doc.store()
  doc.close(True)
End Sub
`

// byLibrary is the same for openpyxl, which is given a workbook without the
// document's own properties, as older versions and other libraries leave it.
const byLibrary = `import sys, openpyxl
path = sys.argv[1]
book = openpyxl.load_workbook(path)
for name in list(book.custom_doc_props.names):
    del book.custom_doc_props[name]
sheet = book["Breaks"]
at = {cell.value: cell.column for cell in sheet[3] if cell.value}
for row in range(4, sheet.max_row + 1):
    if sheet.cell(row, at["Order"]).value == "B01" and sheet.cell(row, at["Rule"]).value == "item_total":
        sheet.cell(row, at["Status"]).value = "Accepted"
        sheet.cell(row, at["Owner"]).value = "Li Wei"
        sheet.cell(row, at["Comment"]).value = "seen"
book.save(path)
`

// python is one that has openpyxl; the test skips where there is none.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("NIGHTAUDIT_PYTHON"), "python3", "/usr/bin/python3"} {
		if name != "" && exec.CommandContext(t.Context(), name, "-c", "import openpyxl").Run() == nil {
			return name
		}
	}
	t.Skip("no Python with openpyxl; NIGHTAUDIT_PYTHON names one")
	return ""
}

// A workbook that was filled in and saved in place, by LibreOffice and by
// openpyxl without the document's properties: after the next run the entries
// are in recon.breaks, and in the new file.
func TestSavedInPlaceByPrograms(t *testing.T) {
	slowTest(t)
	for _, c := range []struct {
		name, author string
		save         func(t *testing.T, book string)
	}{
		{"LibreOffice", "Chen Jing", func(t *testing.T, book string) {
			needOffice(t)
			libreOffice(t, inPlace, "Fill("+strconv.Quote(book)+")")
		}},
		{"openpyxl", "operator", func(t *testing.T, book string) {
			program := python(t)
			if out, err := exec.CommandContext(t.Context(), program, "-c", byLibrary, book).CombinedOutput(); err != nil {
				t.Fatalf("openpyxl: %v\n%s", err, out)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := startDesk(t, 2)
			book := d.run(pipeline.Options{}).Workbook
			c.save(t, book)
			d.now = d.now.Add(time.Hour)
			next := d.run(pipeline.Options{})
			equal(t, "said", said(next), []string{filepath.Base(book) + ": 1 by " + c.author + "; "})
			want := []string{"B01 | accepted | Li Wei | seen", "B02 | open | – | –"}
			equal(t, "breaks", d.breaks(), want)
			equal(t, "shown", d.shown(next.Workbook), want)
			if next.Workbook != book {
				t.Errorf("the new workbook is %s", next.Workbook)
			}
			d.wantReplayed(1)
		})
	}
}
