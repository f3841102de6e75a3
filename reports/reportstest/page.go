package reportstest

import (
	"html"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// PageFigure is a figure of a page, and the cell that it is said to stand in, as
// Summary!D26.
type PageFigure struct{ Cell, Text string }

// A figure is the text of an element that names a cell, or what stands behind the
// date in the title of a chart's column.
var pageFigure = regexp.MustCompile(`data-cell="([^"]*)"(?: class="negative")?(?: title="[^"]*: ([^":]*)"|>([^<]*)<)`)

// PageFigures reads the figures of a page in their order.
func PageFigures(t *testing.T, page string) (list []PageFigure) {
	t.Helper()
	text := Read(t, page)
	for _, m := range pageFigure.FindAllStringSubmatch(text, -1) {
		list = append(list, PageFigure{html.UnescapeString(m[1]), html.UnescapeString(m[2] + m[3])})
	}
	if named := strings.Count(text, "data-cell="); named != len(list) {
		t.Errorf("%s names %d cells, of which %d could be read", page, named, len(list))
	}
	return list
}

// ComparePage says where a figure of the page is not what its cell of the workbook
// holds, digit by digit, and gives how many figures it compared of each sheet.
func ComparePage(t *testing.T, page, workbook string) map[string]int {
	t.Helper()
	f := OpenBook(t, workbook)
	compared := map[string]int{}
	for _, figure := range PageFigures(t, page) {
		sheet, cell, _ := strings.Cut(figure.Cell, "!")
		holds, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Errorf("%s: %v", figure.Cell, err)
			continue
		}
		compared[sheet]++
		text, partial := strings.CutSuffix(figure.Text, "*")
		if partial && holds != "" && !strings.Contains(NumberFormat(t, f, sheet, cell), `"*"`) {
			t.Errorf("%s has no asterisk in the workbook: %s", figure.Cell, figure.Text)
		}
		if !sameFigure(text, holds) {
			t.Errorf("%s: the page says %q, the workbook %q", figure.Cell, figure.Text, holds)
		}
	}
	verdicts := pageVerdict.FindAllStringSubmatch(Read(t, page), -1)
	if line, _ := f.GetCellValue(f.GetSheetList()[0], "A3"); len(verdicts) != 2 || html.UnescapeString(verdicts[0][1]) != line {
		t.Errorf("the page's verdicts are %q, the workbook's is %q", verdicts, line)
	}
	return compared
}

var pageVerdict = regexp.MustCompile(`<table class="verdict[^>]*><tr><td[^>]*><b>([^<]*)</b>`)

// sameFigure compares a figure as it is read with what a cell holds: a number, a
// share as a percentage with one place, or a date as the number of its day.
func sameFigure(text, cell string) bool {
	if text == "–" || cell == "" {
		return text == "–" && cell == ""
	}
	holds, ok := new(big.Rat).SetString(cell)
	if !ok {
		return text == cell
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		days := day.Sub(Date(1899, 12, 30)) / (24 * time.Hour)
		return holds.Cmp(big.NewRat(int64(days), 1)) == 0
	}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		return holds.Mul(holds, big.NewRat(100, 1)).FloatString(1) == share
	}
	says, ok := new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
	return ok && says.Cmp(holds) == 0
}
