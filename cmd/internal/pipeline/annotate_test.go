package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// wrong puts orders into the shop each of which has one line whose total is
// not price times quantity: the rule item_total finds each.
func (g *group) wrong(n int) (orders []string) {
	for i := range n {
		o := paidOrder(fmt.Sprintf("B%02d", i+1), "2026-04-20 10:00:00", "2026-04-20 11:00:00", "delivered", "10.00")
		o.Items[0].UnitPrice = "9.50"
		g.running.Vendors.Soms.Put(o)
		orders = append(orders, o.ID)
	}
	return orders
}

// nightWithBook is a night that makes the workbook in English.
func (g *group) nightWithBook() *pipeline.Result {
	g.t.Helper()
	g.cfg.Report.Language = labels.English
	result := g.run(pipeline.Options{})
	g.wantExit(result, 0)
	return result
}

func (g *group) annotate(book string, o pipeline.AnnotateOptions) (*pipeline.AnnotateResult, error) {
	g.now = g.now.Add(time.Minute)
	o.Now, o.Version, o.Workbook, o.By = g.clock, "test", book, "operator"
	return pipeline.Annotate(g.t.Context(), g.cfg, o)
}

func (g *group) mustAnnotate(book string, o pipeline.AnnotateOptions) *pipeline.AnnotateResult {
	g.t.Helper()
	result, err := g.annotate(book, o)
	if err != nil {
		g.t.Fatal(err)
	}
	return result
}

// entries are what is written into the row of an order's break: "" leaves a
// cell, "-" empties it.
type entries struct{ status, owner, comment string }

// fillIn writes into a copy of a workbook, as somebody who saves it. Columns
// are found by their headings.
func fillIn(t *testing.T, book, who string, rows map[string]entries) (filled string) {
	t.Helper()
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	grid, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	set := func(heading string, row int, value string) {
		if value == "" {
			return
		}
		cell, _ := excelize.CoordinatesToCellName(slices.Index(grid[2], heading)+1, row)
		if err := f.SetCellStr("Breaks", cell, strings.TrimPrefix(value, "-")); err != nil {
			t.Fatal(err)
		}
	}
	written := 0
	for i, row := range grid[3:] {
		if e, ok := rows[row[slices.Index(grid[2], "Order")]]; ok && row[slices.Index(grid[2], "Rule")] == "item_total" {
			set("Status", i+4, e.status)
			set("Owner", i+4, e.owner)
			set("Comment", i+4, e.comment)
			written++
		}
	}
	if written != len(rows) {
		t.Fatalf("%d of %d breaks are in the workbook", written, len(rows))
	}
	props, err := f.GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	props.LastModifiedBy, props.Modified = who, "2026-04-21T02:00:00Z"
	if err := f.SetDocProps(props); err != nil {
		t.Fatal(err)
	}
	filled = filepath.Join(t.TempDir(), who+".xlsx")
	if err := f.SaveAs(filled); err != nil {
		t.Fatal(err)
	}
	return filled
}

// itemBreaks is what the published database says of the breaks of wrong.
func (g *group) itemBreaks() []string {
	g.t.Helper()
	db := open(g.t, filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb"))
	defer shut(g.t, db)
	return lines(g.t, db, "SELECT order_id, status, owner, comment FROM recon.breaks WHERE rule = 'item_total' ORDER BY 1")
}

// outcomes are the rows of wrong's breaks that were not unchanged.
func outcomes(r *pipeline.AnnotateResult) []string {
	var said []string
	for _, d := range r.Rows {
		if d.Outcome != load.Unchanged || len(d.Notes) > 0 {
			said = append(said, fmt.Sprintf("%s %s [%s] %s", d.Break.OrderID, d.Outcome, strings.Join(d.Accepted, " "), strings.Join(d.Notes, "; ")))
		}
	}
	slices.Sort(said)
	return said
}

// What finance writes into the workbook comes back, stays with the break,
// stands in the next night's workbook, and is kept with who and when.
func TestAnnotate(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.wrong(5)
	book := g.nightWithBook().Workbook
	untouched := fillIn(t, book, "Wang", nil)

	chen := fillIn(t, book, "Chen Jing", map[string]entries{
		"B01": {"Accepted", "Li Wei", "=1+1"},
		"B02": {"已说明", "", "weighed\ngoods"},
		"B03": {"resolved", "", ""},
		"B04": {"done", "Li Wei", ""},
	})
	// Telling what would be taken changes nothing.
	trial := g.mustAnnotate(chen, pipeline.AnnotateOptions{DryRun: true})
	want := []string{
		"B01 accepted [status owner comment] ",
		"B02 accepted [status comment] ",
		"B03 refused [] status not taken: resolved is not set by hand: a break resolves when its figures agree",
		`B04 accepted [owner] status not taken: "done" is none: choose open, explained or accepted`,
	}
	equal(t, "what would be taken", outcomes(trial), want)
	nothing := []string{"B01 | open | – | –", "B02 | open | – | –", "B03 | open | – | –", "B04 | open | – | –", "B05 | open | – | –"}
	equal(t, "breaks after a trial", g.itemBreaks(), nothing)

	result := g.mustAnnotate(chen, pipeline.AnnotateOptions{})
	equal(t, "what was taken", outcomes(result), want)
	after := []string{"B01 | accepted | Li Wei | =1+1", "B02 | explained | – | weighed\ngoods", "B03 | open | – | –", "B04 | open | Li Wei | –", "B05 | open | – | –"}
	equal(t, "breaks", g.itemBreaks(), after)

	// Once more, and a workbook in which nobody wrote: nothing is new.
	if again := g.mustAnnotate(chen, pipeline.AnnotateOptions{}); again.Taken != 0 || again.Database != "" {
		t.Errorf("the same workbook gave %d breaks again", again.Taken)
	}
	if none := g.mustAnnotate(untouched, pipeline.AnnotateOptions{}); none.Taken != 0 {
		t.Errorf("a workbook that nobody filled in gave %v", outcomes(none))
	}
	equal(t, "breaks", g.itemBreaks(), after)

	// Somebody else fills in the same workbook, of the time before: the newer
	// entry counts, a cell that was not touched says nothing.
	zhao := fillIn(t, book, "Zhao", map[string]entries{"B01": {"Explained", "", ""}, "B05": {"", "", "mine"}})
	equal(t, "what was taken of Zhao", outcomes(g.mustAnnotate(zhao, pipeline.AnnotateOptions{})), []string{
		`B01 accepted [status] status was changed by somebody else since the workbook was made: "accepted" gives way to the newer; ` +
			`owner was not touched in the workbook and has changed since: it stays "Li Wei"; comment was not touched in the workbook and has changed since: it stays "=1+1"`,
		`B02 unchanged [] status was not touched in the workbook and has changed since: it stays "explained"; comment was not touched in the workbook and has changed since: it stays "weighed goods"`,
		`B04 unchanged [] owner was not touched in the workbook and has changed since: it stays "Li Wei"`,
		"B05 accepted [comment] ",
	})

	// The history has who, when, and the amounts: the line says 10.00, and
	// price times quantity is 9.50.
	db := open(t, filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb"))
	equal(t, "history", lines(t, db, `SELECT b.order_id, author, taken_by, a.workbook, a.saved_at = '2026-04-21T02:00:00Z', status_before, a.status, a.comment, overrode, a.expected, a.actual, a.difference, a.currency
		FROM recon.annotations a JOIN recon.breaks b USING (break_id) WHERE order_id IN ('B01', 'B05') ORDER BY annotated_at`), []string{
		"B01 | Chen Jing | operator | Chen Jing.xlsx | true | open | accepted | =1+1 | false | 9.5000 | 10.0000 | 0.5000 | CNY",
		"B01 | Zhao | operator | Zhao.xlsx | true | accepted | explained | =1+1 | true | 9.5000 | 10.0000 | 0.5000 | CNY",
		"B05 | Zhao | operator | Zhao.xlsx | true | open | open | mine | false | 9.5000 | 10.0000 | 0.5000 | CNY",
	})
	shut(t, db)

	// The next night: one break is resolved, the amount of another changes,
	// and the workbook shows what was written.
	first := filepath.Join(t.TempDir(), filepath.Base(book)) // the next night writes this book anew
	if data, err := os.ReadFile(book); err != nil || os.WriteFile(first, data, 0o600) != nil {
		t.Fatal(err)
	}
	g.now = g.now.Add(24 * time.Hour)
	changed := paidOrder("B02", "2026-04-20 10:00:00", "2026-04-21 11:00:00", "delivered", "10.00")
	changed.Items[0].UnitPrice = "9.00"
	g.running.Vendors.Soms.Put(changed, paidOrder("B05", "2026-04-20 10:00:00", "2026-04-21 11:00:00", "delivered", "10.00"))
	next := g.nightWithBook()
	equal(t, "breaks of the next night", g.itemBreaks(), []string{
		"B01 | explained | Li Wei | =1+1", "B02 | open | – | weighed\ngoods", "B03 | open | – | –", "B04 | open | Li Wei | –", "B05 | resolved | – | mine",
	})
	f, err := excelize.OpenFile(next.Workbook)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	grid, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for i, row := range grid[3:] {
		if row[slices.Index(grid[2], "Rule")] == "item_total" {
			at := slices.Index(grid[2], "Comment")
			shown = append(shown, strings.Join([]string{row[slices.Index(grid[2], "Order")], row[at-2], row[at-1], row[at]}, " | "))
			cell, _ := excelize.CoordinatesToCellName(at+1, i+4)
			if formula, err := f.GetCellFormula("Breaks", cell); err != nil || formula != "" {
				t.Errorf("the comment %q is a formula: %q, %v", row[at], formula, err)
			}
		}
	}
	equal(t, "the next workbook", shown, []string{"B01 | Explained | Li Wei | =1+1", "B02 | Open |  | weighed\ngoods", "B03 | Open |  | ", "B04 | Open | Li Wei | "})

	// From the old workbook: a break that is resolved, and one whose amount is
	// another now. Their comments are kept all the same.
	old := fillIn(t, first, "Sun", map[string]entries{"B02": {"Accepted", "", "fine"}, "B05": {"Accepted", "", "fine"}})
	said := outcomes(g.mustAnnotate(old, pipeline.AnnotateOptions{}))
	if len(said) < 2 || !slices.ContainsFunc(said, func(s string) bool {
		return strings.HasPrefix(s, "B02 accepted [comment] status not taken: the amount has changed since the workbook was made and is 1.0000 CNY now")
	}) || !slices.ContainsFunc(said, func(s string) bool {
		return strings.HasPrefix(s, "B05 accepted [comment] status not taken: the break was resolved on 2026-04-2")
	}) {
		t.Errorf("what was taken of the old workbook: %v", said)
	}
	g.wantReplayed(3)
}

// A workbook of another database, of a newer program, or of no program of
// ours is refused, and so is a file that is none.
func TestAnnotateRefusesForeignWorkbooks(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.wrong(1)
	book := g.nightWithBook().Workbook
	before := g.itemBreaks()
	mark := func(name, value string) string {
		filled := fillIn(t, book, "Chen", map[string]entries{"B01": {"Accepted", "", ""}})
		f, err := excelize.OpenFile(filled)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p := excelize.CustomProperty{Name: name, Value: value}
		if value == "" {
			p.Value = nil
		}
		var cells []string // the sheet of breaks names the database as well
		if value == "" {
			if cells, err = f.SearchSheet("Breaks", "nightaudit_database", true); err != nil || len(cells) != 1 {
				t.Fatal(cells, err)
			}
		}
		for _, cell := range cells {
			err = errors.Join(f.SetCellStr("Breaks", cell, ""), f.DeleteSheet("Summary")) // so does the Summary
		}
		if err := errors.Join(err, f.SetCustomProps(p), f.Save()); err != nil {
			t.Fatal(err)
		}
		return filled
	}
	text := filepath.Join(t.TempDir(), "text.xlsx")
	if err := os.WriteFile(text, []byte("status,owner,comment"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, book string
		want       error
	}{
		{"another database", mark("nightaudit_database", "11111111-2222-4333-8444-555555555555"), pipeline.ErrOtherDatabase},
		{"a newer schema", mark("nightaudit_schema", "9999"), filled.ErrNewerWorkbook},
		{"no database", mark("nightaudit_database", ""), filled.ErrNotWorkbook},
		{"a text", text, filled.ErrNotWorkbook},
		{"nothing", filepath.Join(t.TempDir(), "none.xlsx"), filled.ErrNoWorkbook},
	} {
		if _, err := g.annotate(c.book, pipeline.AnnotateOptions{}); !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.book) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	equal(t, "breaks", g.itemBreaks(), before)
}
