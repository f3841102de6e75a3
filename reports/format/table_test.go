package format

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

const stores = `SELECT * FROM (VALUES
	('浦东机场便利店', 12.5::DECIMAL(18,4), 'settled 118.01, expected 120.01: differs by 2.00'),
	('inn', NULL, '')) t(store, amount, explanation)`

// The tables are drawn by hand: a Chinese character takes two places.
func TestTableFitsTheTerminal(t *testing.T) {
	db := reportstest.InMemory(t)
	for _, c := range []struct {
		name  string
		width int
		want  string
	}{
		{"any width", 0, `
┌────────────────┬─────────┬──────────────────────────────────────────────────┐
│ store          │  amount │ explanation                                      │
├────────────────┼─────────┼──────────────────────────────────────────────────┤
│ 浦东机场便利店 │ 12.5000 │ settled 118.01, expected 120.01: differs by 2.00 │
│ inn            │         │                                                  │
└────────────────┴─────────┴──────────────────────────────────────────────────┘
`},
		// 14 + 7 + 48 and 10 for the lines are 79: one less, and the text wraps.
		{"its own width", 79, `
┌────────────────┬─────────┬──────────────────────────────────────────────────┐
│ store          │  amount │ explanation                                      │
├────────────────┼─────────┼──────────────────────────────────────────────────┤
│ 浦东机场便利店 │ 12.5000 │ settled 118.01, expected 120.01: differs by 2.00 │
│ inn            │         │                                                  │
└────────────────┴─────────┴──────────────────────────────────────────────────┘
`},
		{"wrapped", 55, `
┌────────────────┬─────────┬──────────────────────────┐
│ store          │  amount │ explanation              │
├────────────────┼─────────┼──────────────────────────┤
│ 浦东机场便利店 │ 12.5000 │ settled 118.01, expected │
│                │         │ 120.01: differs by 2.00  │
│ inn            │         │                          │
└────────────────┴─────────┴──────────────────────────┘
`},
		{"expanded", 40, `
── row 1 ───────────────────────────────
store        浦东机场便利店
amount       12.5000
explanation  settled 118.01, expected 120.01: differs by 2.00
── row 2 ───────────────────────────────
store        inn
amount
explanation
── 2 rows of 3 columns, wider than the terminal: --wide writes a table
`},
	} {
		var out bytes.Buffer
		if err := writeTo(t, &out, db, "table", stores, c.width); err != nil {
			t.Fatal(err)
		}
		if got := "\n" + out.String(); got != c.want {
			t.Errorf("%s:%s\nwant%s", c.name, got, c.want)
		}
	}
}

// Whatever the columns are, a table that claims to fit is no wider than the
// terminal, and no text is lost.
func TestTableIsNeverWiderThanTheTerminal(t *testing.T) {
	db := reportstest.InMemory(t)
	query := "SELECT repeat('长文本', 20) AS a, repeat('word ', 30) AS b, repeat('x', 70) AS c, 123456.7890::DECIMAL(18,4) AS d, DATE '2024-04-10' AS e"
	for width := 20; width < 400; width++ {
		var out bytes.Buffer
		if err := writeTo(t, &out, db, "table", query, width); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "┌") {
			continue // expanded: the terminal wraps it
		}
		for line := range strings.Lines(out.String()) {
			if w := text.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
				t.Fatalf("%d columns of %d:\n%s", w, width, out.String())
			}
		}
		for of, want := range map[string]int{"长": 20, "word": 30, "x": 70} {
			if got := strings.Count(out.String(), of); got != want {
				t.Fatalf("width %d: %s comes %d times, want %d", width, of, got, want)
			}
		}
	}
}

// A plan is a drawing: it is printed as it is.
func TestExplainIsPrintedAsItIs(t *testing.T) {
	var out bytes.Buffer
	if err := writeTo(t, &out, reportstest.InMemory(t), "table", "EXPLAIN SELECT 1", 10); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "┌───────") || !strings.Contains(got, "\n│         PROJECTION        │\n") {
		t.Error(got)
	}
}
