package sheets

import (
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// What finance changes in the Breaks sheet moves the Summary at once: the error
// of 2.00, open, becomes accepted beside that of 0.50.
func TestBreakCountsAreLive(t *testing.T) {
	for _, language := range []string{labels.English, labels.Chinese} {
		f, _ := makeWorkbook(t, reportstest.Shared(t), Options{Language: language})
		book := map[string]string{"summary": "Summary", "breaks": "Breaks", "section": "Of this book", "severity": "Error", "flow": "Revenue", "accepted": "Accepted", "total": "Number of breaks"}
		if language == labels.Chinese {
			book = map[string]string{"summary": "总览", "breaks": "差异", "section": "本期", "severity": "错误", "flow": "收入", "accepted": "已接受", "total": "差异笔数合计"}
		}
		row := reportstest.Row(t, f, book["summary"], book["section"], book["severity"], book["flow"], "CNY")
		total := reportstest.Row(t, f, book["summary"], book["total"])
		age := reportstest.Row(t, f, book["summary"], "0–1")
		figures := func() (list [9]string) {
			t.Helper()
			for i, cell := range []string{
				at("E", row), at("F", row), at("G", row), at("H", row), at("I", row), at("J", row), at("E", total), at("I", total), at("B", age),
			} {
				v, err := f.CalcCellValue(book["summary"], cell, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				list[i] = v
			}
			return list
		}
		if got := figures(); got != [9]string{"1", "2", "1", "-0.02", "1", "0.5", "3", "1", "2"} {
			t.Errorf("%s: as made %q", language, got)
		}
		// e1 is the last of the five breaks.
		if err := f.SetCellStr(book["breaks"], "K8", book["accepted"]); err != nil {
			t.Fatal(err)
		}
		if got := figures(); got != [9]string{"0", "", "1", "-0.02", "2", "2.5", "2", "2", "1"} {
			t.Errorf("%s: accepted %q", language, got)
		}
	}
}

// Severities and statuses are coloured by their words, so that a status that is
// filled in is coloured as well.
func TestBreaksAreColoured(t *testing.T) {
	f, _ := fixtureBook(t, labels.English)
	formats, err := f.GetConditionalFormats("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	for area, words := range map[string]int{"A4:A8": 3, "K4:K8": 2} {
		if len(formats[area]) != words {
			t.Errorf("%s has %d colours, want %d", area, len(formats[area]), words)
		}
	}
}

func at(column string, row int) string { return column + strconv.Itoa(row) }
