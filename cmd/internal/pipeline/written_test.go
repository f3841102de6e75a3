package pipeline

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// Whoever filled in a Chinese workbook is told in Chinese what became of it:
// beside what they wrote themselves, ids and times, no English word is left.
func TestWhatIsToldOfAChineseBook(t *testing.T) {
	const asMade = "7cef8a73d41d8cd9d41d8cd911111111" // open, no owner, no comment
	text := func(s string) *string { return &s }
	breaks := map[string]load.BreakState{
		"b": {Rule: "item_total", OrderID: "B01", Status: "open", Expected: "9.5000", Actual: "10.0000", Mark: asMade, TitleEN: "Lines", TitleZH: "明细"},
		"c": {Rule: "settlement", OrderID: "B02", Status: "accepted", Owner: "Chen", Comment: "seen", Difference: "3.0000 CNY", Mark: "3e4d891aef6bf3fdd5b4a9a522222222", TitleEN: "Settlement", TitleZH: "平台结算"},
		"d": {Rule: "settlement", OrderID: "B03", Status: "resolved", ResolvedAt: time.Date(2026, 4, 1, 19, 0, 0, 0, time.UTC), Mark: asMade},
	}
	row := func(id string, change func(r *load.WorkbookRow)) load.WorkbookRow {
		r := load.WorkbookRow{Place: "差异第 4 行", BreakID: id, Mark: asMade}
		change(&r)
		return r
	}
	english := regexp.MustCompile(`[A-Za-z]{2,}`)
	own := regexp.MustCompile(`"[^"]*"|UTC|CNY|Excel|Numbers|OpenDocument|XML|nightaudit|\.xlsx?\b|\.xlsb|\.ods|\.csv`)
	for name, messages := range map[string][]string{
		"a status that is none": notes(breaks, row("b", func(r *load.WorkbookRow) { r.Status = text("erledigt ist es") })),
		"resolved by hand":      notes(breaks, row("b", func(r *load.WorkbookRow) { r.Status = text("resolved") })),
		"resolved meanwhile":    notes(breaks, row("d", func(r *load.WorkbookRow) { r.Status = text("accepted") })),
		"another amount":        notes(breaks, row("c", func(r *load.WorkbookRow) { r.Status = text("explained") })),
		"too long": notes(breaks, row("b", func(r *load.WorkbookRow) {
			r.Owner, r.Comment = text(strings.Repeat("好", 201)), text(strings.Repeat("好", 8001))
		})),
		"changed since, and not touched": notes(breaks, row("c", func(r *load.WorkbookRow) { r.Status, r.Owner, r.Comment = text("open"), text(""), text("") })),
		"changed since, and touched":     notes(breaks, row("c", func(r *load.WorkbookRow) { r.Owner, r.Comment = text("Li Wei"), text("else where") })),
		"unknown":                        {"the database has no break 0123"},
		"another order":                  notes(breaks, row("b", func(r *load.WorkbookRow) { r.Order, r.Owner = text("B 02"), text("Li") })),
		"another rule":                   notes(breaks, row("b", func(r *load.WorkbookRow) { r.Rule, r.Owner = text("settlement"), text("Li") })),
		"another check":                  notes(breaks, row("b", func(r *load.WorkbookRow) { r.Title, r.Owner = text("平台结算"), text("Li") })),
		"other amounts":                  notes(breaks, row("b", func(r *load.WorkbookRow) { r.Expected, r.Actual, r.Owner = text("1"), text(""), text("Li") })),
		"two rows":                       notes(breaks, row("b", func(r *load.WorkbookRow) { r.Owner = text("Li Wei") }), row("b", func(r *load.WorkbookRow) { r.Owner = text("Chen") })),
		"the sheet": {
			"the row has no id of a break: write into a row that has one",
			"the row of headings is gone, and nothing is read from this sheet: keep the row as it came",
			`column M, headed "my view", is taken as 备注, for it stands in its place`,
			"no column is headed 备注, and nothing is read from it",
			`no column is headed 备注, and nothing is read from it: if it is L "who is it" / M "why", give it that heading again`,
		},
		"other kinds": {
			"read the workbook 1: it is an older workbook (.xls): save it as .xlsx (Excel workbook)",
			"it is a binary workbook (.xlsb)", "it is an OpenDocument file (.ods)", "it is a workbook of Numbers", "it is a web page or XML", "it is a text (.csv)",
			"it is protected by a password: save it without one", "not a workbook of nightaudit: it cannot be opened as an .xlsx",
		},
	} {
		if len(messages) == 0 {
			t.Errorf("%s: nothing is told", name)
		}
		for _, message := range messages {
			said := say(labels.Chinese, message)
			if left := english.FindAllString(own.ReplaceAllString(said, ""), -1); len(left) > 0 {
				t.Errorf("%s: %q leaves %q", name, said, left)
			}
			if same := say(labels.English, message); same != message {
				t.Errorf("%s: %q in an English book", name, same)
			}
		}
	}
}

func notes(breaks map[string]load.BreakState, rows ...load.WorkbookRow) (list []string) {
	decisions, _ := load.DecideAnnotations(rows, breaks)
	for _, d := range decisions {
		list = append(list, d.Notes...)
	}
	return list
}
