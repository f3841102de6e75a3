package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// office is a program for LibreOffice: it fills in the breaks of the orders
// B01, B02, … of a workbook, sorts the sheet by order from the last to the
// first, filters it so that only accepted breaks are seen, moves the columns
// by one, and saves it as an .xlsx under another name.
const office = `Sub Rework(source As String, target As String)
  Dim how(0) As New com.sun.star.beans.PropertyValue
  how(0).Name = "Hidden"
  how(0).Value = True
  Dim doc As Object
  doc = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, how())
  Dim sheet As Object
  sheet = doc.Sheets.getByName("Breaks")
  Dim cursor As Object
  cursor = sheet.createCursor()
  cursor.gotoEndOfUsedArea(False)
  Dim last As Long, width As Long, r As Long, c As Long
  last = cursor.RangeAddress.EndRow
  width = cursor.RangeAddress.EndColumn
  Dim orders As Long, statuses As Long
  For c = 0 To width
    If sheet.getCellByPosition(c, 2).String = "Order" Then orders = c
    If sheet.getCellByPosition(c, 2).String = "Status" Then statuses = c
  Next c
  Dim id As String
  For r = 3 To last
    id = sheet.getCellByPosition(orders, r).String
    If Left(id, 1) = "B" Then
      If Right(id, 1) = "0" Or Right(id, 1) = "5" Then
        sheet.getCellByPosition(statuses, r).String = "Accepted"
      Else
        sheet.getCellByPosition(statuses, r).String = "Explained"
      End If
      sheet.getCellByPosition(statuses + 1, r).String = "owner of " + id
      sheet.getCellByPosition(statuses + 2, r).String = "=1+1 " + id
    End If
  Next r
  Dim all As Object
  all = sheet.getCellRangeByPosition(0, 2, width, last)
  Dim fields(0) As New com.sun.star.table.TableSortField
  fields(0).Field = orders
  fields(0).IsAscending = False
  Dim sorting(1) As New com.sun.star.beans.PropertyValue
  sorting(0).Name = "SortFields"
  sorting(0).Value = fields()
  sorting(1).Name = "ContainsHeader"
  sorting(1).Value = True
  all.sort(sorting())
  Dim filter As Object
  filter = all.createFilterDescriptor(True)
  Dim wanted(0) As New com.sun.star.sheet.TableFilterField
  wanted(0).Field = statuses
  wanted(0).Operator = com.sun.star.sheet.FilterOperator.EQUAL
  wanted(0).IsNumeric = False
  wanted(0).StringValue = "Accepted"
  filter.FilterFields = wanted()
  filter.ContainsHeader = True
  all.filter(filter)
  sheet.Columns.insertByIndex(0, 1)
  Dim kind(0) As New com.sun.star.beans.PropertyValue
  kind(0).Name = "FilterName"
  kind(0).Value = "Calc MS Excel 2007 XML"
  doc.storeToURL(ConvertToURL(target), kind())
  doc.close(True)
End Sub
`

// rework runs office over a workbook.
func rework(t *testing.T, source string) (target string) {
	t.Helper()
	target = filepath.Join(t.TempDir(), "reworked.xlsx")
	out := libreOffice(t, office, fmt.Sprintf("Rework(%q,%q)", source, target))
	if _, err := os.Stat(target); err != nil {
		t.Fatalf("LibreOffice saved nothing: %v\n%s", err, out)
	}
	return target
}

// needOffice skips a test where LibreOffice is not there.
func needOffice(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("LibreOffice is not installed")
	}
	if testing.Short() {
		t.Skip("short: LibreOffice takes seconds to start")
	}
}

// libreOffice runs a call of a module of StarBasic, as the LibreOffice user
// Chen Jing.
func libreOffice(t *testing.T, module, call string) []byte {
	t.Helper()
	profile := filepath.Join(t.TempDir(), "profile")
	library := filepath.Join(profile, "user", "basic", "Standard")
	start := func(args ...string) []byte {
		out, err := exec.CommandContext(t.Context(), "soffice", append([]string{"-env:UserInstallation=file://" + profile, "--headless"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("soffice: %v\n%s", err, out)
		}
		return out
	}
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	write := func(path, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(head+text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(profile, "user", "registrymodifications.xcu"), `<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="givenname" oor:op="fuse"><value>Chen</value></prop></item>
<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="sn" oor:op="fuse"><value>Jing</value></prop></item></oor:items>`)
	start("--terminate_after_init") // makes the profile, with an empty library
	write(filepath.Join(library, "Module1.xba"), `<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">`+module+`</script:module>`)
	write(filepath.Join(library, "script.xlb"), `<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/></library:library>`)
	return start("macro:///Standard.Module1." + call)
}

// Comments on 50 breaks, in a workbook that was filled in, sorted and filtered
// in LibreOffice and saved by it, come back to the right 50 breaks and stand
// in the next night's workbook.
func TestAnnotateThroughLibreOffice(t *testing.T) {
	slowTest(t)
	needOffice(t)
	g := startGroup(t, demo.Options{Small: true})
	orders := g.wrong(50)
	result := g.mustAnnotate(rework(t, g.nightWithBook().Workbook), pipeline.AnnotateOptions{})
	if result.Author != "Chen Jing" {
		t.Errorf("the author is %q", result.Author)
	}
	var want, shown []string
	for i, order := range orders {
		status := "explained"
		if (i+1)%5 == 0 {
			status = "accepted"
		}
		want = append(want, fmt.Sprintf("%s | %s | owner of %s | =1+1 %s", order, status, order, order))
	}
	equal(t, "breaks", g.itemBreaks(), want)

	g.now = g.now.Add(24 * time.Hour)
	f, err := excelize.OpenFile(g.nightWithBook().Workbook)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	grid, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range grid[3:] {
		if row[slices.Index(grid[2], "Rule")] == "item_total" {
			at := slices.Index(grid[2], "Comment")
			shown = append(shown, strings.Join([]string{row[slices.Index(grid[2], "Order")], strings.ToLower(row[at-2]), row[at-1], row[at]}, " | "))
		}
	}
	// What was accepted of an earlier date is carried forward no longer.
	equal(t, "the next workbook", shown, slices.DeleteFunc(want, func(s string) bool { return strings.Contains(s, "| accepted |") }))
	g.wantReplayed(1)
}
